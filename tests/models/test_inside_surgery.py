"""Changing a model from inside: what stands in the tree is what computes."""

import copy
import types

import pytest
import torch
from tests import tiny
from tests.models.inside import (
    CLASSES,
    OF_ONE_PART,
    close,
    containers,
    differ,
    hooked,
    inputs_of,
    lists_of_layers,
    parts,
    replace,
)
from torch import Tensor, nn

# --- replacing --------------------------------------------------------------------------------------------------------


class Own(nn.Module):
    """A foreign module: what it stands for, called with whatever it is called with, and counted."""

    def __init__(self, inner):
        super().__init__()
        self.inner, self.calls = inner, 0

    def forward(self, *args, **kwargs):
        self.calls += 1
        return self.inner(*args, **kwargs)

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(super().__getattr__("inner"), name)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_every_module_can_be_replaced_by_a_foreign_one(name):
    """Each alone, containers and leaves, by a module of another class with the documented call."""
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for path, module in parts(model):
        own = Own(module)
        replace(model, path, own)
        output = model(**inputs)
        replace(model, path, module)
        assert own.calls, path
        close(output, plain)
    close(model(**inputs), plain)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_all_modules_replaced_at_once(name):
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for path, module in reversed(parts(model)):  # inner ones first
        replace(model, path, Own(module))
    close(model(**inputs), plain)
    assert all(module.calls for module in model.modules() if isinstance(module, Own))


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_every_container_can_be_a_subclass(name):
    """A subclass of the documented class with a `forward` that calls that of its parent."""
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for path, module in containers(model):
        kind = type(module)
        calls = []

        def forward(self, *args, kind=kind, calls=calls, **kwargs):
            calls.append(args)
            return kind.forward(self, *args, **kwargs)

        module.__class__ = type(f"My{kind.__name__}", (kind,), {"forward": forward, "__module__": __name__})
        output = model(**inputs)
        module.__class__ = kind
        assert calls, path
        close(output, plain)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_forward_can_be_patched_on_the_instance(name):
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for path, module in parts(model):
        original, calls = module.forward, []

        def forward(self, *args, original=original, calls=calls, **kwargs):
            calls.append(args)
            return original(*args, **kwargs)

        module.forward = types.MethodType(forward, module)
        output = model(**inputs)
        del module.forward
        assert calls, path
        close(output, plain)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_forward_can_be_patched_on_the_class(name, monkeypatch):
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for kind in {type(module) for _, module in containers(model)}:
        original, calls = kind.forward, []

        def forward(self, *args, original=original, calls=calls, **kwargs):
            calls.append(args)
            return original(self, *args, **kwargs)

        with monkeypatch.context() as patch:
            patch.setattr(kind, "forward", forward)
            output = model(**inputs)
        assert calls, kind
        close(output, plain)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_linears_can_be_replaced_by_name(name):
    """As adapters do it: a module around each linear layer, which adds a product of low rank."""

    class Adapted(nn.Module):
        def __init__(self, linear):
            super().__init__()
            self.linear = linear
            outputs, inputs = linear.weight.shape if isinstance(linear, nn.Linear) else linear.weight.shape[::-1]
            self.down, self.up = nn.Linear(inputs, 2, bias=False), nn.Linear(2, outputs, bias=False)
            nn.init.zeros_(self.up.weight)

        def forward(self, x):
            return self.linear(x) + self.up(self.down(x))

    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)[0]
    linears = [path for path, module in parts(model) if type(module).__name__ in ("Linear", "Conv1D")]
    assert linears
    for path in linears:
        replace(model, path, Adapted(model.get_submodule(path)))
    close(model(**inputs)[0], plain)
    for path in linears:
        nn.init.normal_(model.get_submodule(path).up.weight)
    assert differ(model(**inputs)[0], plain)


# --- layers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OF_ONE_PART)
@torch.no_grad()
def test_a_cut_model_computes_the_layers_that_are_left(name):
    """`encoder.layer = ModuleList(layers[:n])` is a model of n layers."""
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    plain = model(**inputs)[0]
    for path, layers in lists_of_layers(model):
        assert len(layers) > 1
        replace(model, path, nn.ModuleList(layers[:1]))
    cut = model(**inputs, output_hidden_states=True, output_attentions=True)
    assert differ(cut[0], plain)
    for key in cut.keys():  # noqa: SIM118
        if key.endswith("attentions"):
            assert len(cut[key]) == 1
        if key.endswith("hidden_states") and key != "encoder_last_hidden_state":
            assert len(cut[key]) in (1, 2)
    called = []
    with hooked(model, lambda path, *_: called.append(path)):
        model(**inputs)
    assert all(call in dict(model.named_modules()) for call in called)
    # The same as a model that is made with one layer.
    sizes = {key: 1 for key in ("num_hidden_layers", "encoder_layers", "decoder_layers") if hasattr(model.config, key)}
    small = tiny.make(name, use_cache=False, **sizes)
    small.load_state_dict(model.state_dict())
    close(small(**inputs)[0], cut[0])


@pytest.mark.parametrize("name", tiny.single_stacks(OF_ONE_PART))
@torch.no_grad()
def test_head_masks_of_a_cut_model(name):
    model, inputs = tiny.make(name), inputs_of(name)
    ((path, layers),) = lists_of_layers(model)
    replace(model, path, nn.ModuleList(layers[:1]))
    heads = model.config.num_attention_heads
    whole = model(**inputs)[0]
    close(model(**inputs, head_mask=torch.ones(1, heads))[0], whole)
    assert differ(model(**inputs, head_mask=torch.eye(heads)[:1])[0], whole)


@pytest.mark.parametrize("name", OF_ONE_PART)
@torch.no_grad()
def test_layers_change_places_and_repeat(name):
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    plain = model(**inputs)[0]
    path, layers = lists_of_layers(model)[0]
    first, last = layers[0], layers[len(layers) - 1]
    if any("relative_attention_bias" in key for key in first.state_dict()):
        pytest.skip("the first layer alone has the table of position biases")
    replace(model, path, nn.ModuleList([last, *layers[1:-1], first]))
    assert differ(model(**inputs)[0], plain)
    replace(model, path, nn.ModuleList([*layers, copy.deepcopy(last)]))
    longer = model(**inputs)[0]
    assert differ(longer, plain)
    replace(model, path, layers)
    close(model(**inputs)[0], plain)


@pytest.mark.parametrize("name", OF_ONE_PART)
@torch.no_grad()
def test_layers_can_be_deleted_and_appended(name):
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    path, layers = lists_of_layers(model)[-1]
    plain, last = model(**inputs)[0], layers[len(layers) - 1]
    del layers[len(layers) - 1]
    assert differ(model(**inputs)[0], plain)
    layers.append(last)
    close(model(**inputs)[0], plain)


@pytest.mark.parametrize("name", [name for name in tiny.writers() if name in OF_ONE_PART])
@torch.no_grad()
def test_a_cut_model_writes(name):
    """Its cache has as many layers as are left."""
    model = tiny.make(name)
    for path, layers in lists_of_layers(model):
        replace(model, path, nn.ModuleList(layers[:1]))
    ids = tiny.tensors({"input_ids": tiny.ids(2, 5)})["input_ids"]
    options = {"max_length": 9, "min_length": 9, "do_sample": False, "pad_token_id": 1, "decoder_start_token_id": 3}
    with_cache, without = (model.generate(ids, use_cache=use, **options) for use in (True, False))
    assert torch.equal(with_cache, without)


# --- freezing and reading ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_freezing_by_names(name):
    """`if name.startswith("bert.encoder.layer.0.")` freezes that layer and nothing else."""
    model, inputs = tiny.make(name).train(), inputs_of(name)
    path, layers = lists_of_layers(model)[0]
    frozen = [key for key, _ in model.named_parameters() if key.startswith(f"{path}.0.")]
    assert len(frozen) == len(list(layers[0].parameters())) > 0
    for key in frozen:
        model.get_parameter(key).requires_grad = False
    model(**inputs)[0].square().sum().backward()
    assert all(model.get_parameter(key).grad is None for key in frozen)
    learning = [key for key, value in model.named_parameters() if key.startswith(f"{path}.1.") and value.requires_grad]
    assert any(model.get_parameter(key).grad is not None for key in learning)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_weights_can_be_set_inside(name):
    """Through `.weight.data`, in place, and as a new parameter."""
    model, inputs = tiny.make(name), inputs_of(name)
    path, module = next((path, m) for path, m in parts(model) if type(m).__name__ in ("Linear", "Conv1D"))
    plain, old = model(**inputs)[0], module.weight
    values = old.clone()
    module.weight.data = values * 2
    doubled = model(**inputs)[0]
    assert differ(doubled, plain)
    module.weight.copy_(values)
    close(model(**inputs)[0], plain)
    module.weight = nn.Parameter(values * 2)
    close(model(**inputs)[0], doubled)
    assert model.get_parameter(f"{path}.weight") is module.weight


@pytest.mark.parametrize("name", CLASSES)
def test_dropouts_can_be_set_inside(name):
    """`module.p = 0.5` on a dropout counts from the next call on, and so does `module.eval()` of one part."""
    model, inputs = tiny.make(name).train(), inputs_of(name)
    dropouts = [(path, module) for path, module in parts(model) if isinstance(module, nn.Dropout)]
    if not dropouts:
        pytest.skip("its dropouts are numbers")
    plain = model(**inputs)[0]
    for path, module in dropouts:
        if "pooler" in path:
            continue
        before, module.p = module.p, 0.5
        torch.manual_seed(0)
        dropped = model(**inputs)[0]
        module.eval()
        close(model(**inputs)[0], plain)
        module.train()
        module.p = before
        assert isinstance(dropped, Tensor) and differ(dropped, plain), path
