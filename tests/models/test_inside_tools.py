"""What tools do with a model: copies, files, devices, quantization, adapters."""

import copy
import importlib
import io
import pickle
import types

import pytest
import torch
from tests import tiny
from tests.models.inside import CLASSES, OF_ONE_PART, ONE_OF_EACH, close, differ, inputs_of, lists_of_layers, parts, replace
from torch import nn

import formers
from formers.outputs import ModelOutput

# --- copies and files -------------------------------------------------------------------------------------------------


def copies(model):
    """A model as each way of copying gives it."""
    yield copy.deepcopy(model)
    yield pickle.loads(pickle.dumps(model))
    buffer = io.BytesIO()
    torch.save(model, buffer)
    buffer.seek(0)
    yield torch.load(buffer, weights_only=False)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_copies(name):
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for again in copies(model):
        close(again(**inputs), plain)
        assert [path for path, _ in again.named_modules()] == [path for path, _ in model.named_modules()]
        assert list(again.state_dict()) == list(model.state_dict())
        assert len(list(again.parameters())) == len(list(model.parameters()))
        shared = {value.data_ptr() for value in model.parameters()}
        assert not any(value.data_ptr() in shared for value in again.parameters())


@pytest.mark.parametrize("name", ONE_OF_EACH)
@torch.no_grad()
def test_copies_of_changed_models(name):
    """A cut, pruned, replaced model is copied as it is."""
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    for path, layers in lists_of_layers(model):
        replace(model, path, nn.ModuleList(layers[:1]))
    path, linear = next((path, m) for path, m in parts(model) if type(m) is nn.Linear or type(m).__name__ == "Conv1D")
    replace(model, path, nn.Sequential(linear, nn.Tanh()))
    plain = model(**inputs)
    for again in copies(model):
        close(again(**inputs), plain)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_optimizer_states_fit_by_order(name):
    """The state of an optimizer of a model fits another model of the class: the order is the documented one."""
    model, other = tiny.make(name).train(), tiny.make(name, seed=1).train()
    inputs = inputs_of(name)
    optimizer = torch.optim.Adam([value for value in model.parameters() if value.requires_grad])
    model(**inputs)[0].square().sum().backward()
    optimizer.step()
    second = torch.optim.Adam([value for value in other.parameters() if value.requires_grad])
    second.load_state_dict(optimizer.state_dict())
    for one, two in zip(optimizer.param_groups[0]["params"], second.param_groups[0]["params"], strict=True):
        if one in optimizer.state:
            assert torch.equal(optimizer.state[one]["exp_avg"], second.state[two]["exp_avg"])


# --- devices ----------------------------------------------------------------------------------------------------------


def replica(module, memo=None):
    """A copy as `torch.nn.DataParallel` makes one for a device: modules copied, tensors as plain attributes.

    `torch.nn.parallel.replicate` does the same with weights that were sent to the device, which needs one.
    """
    memo = {} if memo is None else memo
    if id(module) in memo:
        return memo[id(module)]
    made = memo[id(module)] = module._replicate_for_data_parallel()
    made._former_parameters = {}
    for name, child in module._modules.items():
        made._modules[name] = None if child is None else replica(child, memo)
    for name, value in module._parameters.items():
        made._parameters[name] = None
        if value is not None:
            del made._parameters[name]
            setattr(made, name, value.detach().clone())
            made._former_parameters[name] = getattr(made, name)
    return made


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_replicas_for_data_parallel(name):
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    made = replica(model)
    assert not list(made.parameters())
    close(made(**inputs), plain)
    assert made.dtype == model.dtype and made.device == model.device
    close(model(**inputs), plain)


@pytest.mark.parametrize("name", ONE_OF_EACH)
@torch.no_grad()
def test_data_parallel_gathers_outputs(name):
    """Its gather rebuilds outputs by their type from tensors along the batch."""
    model, inputs = tiny.make(name), inputs_of(name)
    output = model(**inputs)
    rebuilt = type(output)(map(lambda value: value, output))
    assert isinstance(rebuilt, ModelOutput) and len(rebuilt) == len(output)
    wrapped = nn.DataParallel(model)  # without devices it calls the model
    close(wrapped(**inputs), output)
    assert all(key.startswith("module.") for key in wrapped.state_dict())


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_file_of_data_parallel_is_named(name):
    """All its keys begin with `module.`: the error says so, and what to do."""
    model = tiny.make(name)
    state = nn.DataParallel(model).state_dict()
    with pytest.raises(RuntimeError, match=r"begin with 'module\.': it was saved of DataParallel.*removeprefix"):
        model.load_state_dict(state)
    result = model.load_state_dict({key.removeprefix("module."): value for key, value in state.items()})
    assert not result.missing_keys and not result.unexpected_keys


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_meta_device(name):
    """`torch.device("meta")` makes a model without memory, `to_empty` and a state dict fill it."""
    model, inputs = tiny.make(name), inputs_of(name)
    with torch.device("meta"):
        empty = type(model)(model.config)
    assert all(value.is_meta for value in empty.parameters())
    filled = empty.to_empty(device="cpu")
    filled.load_state_dict(model.state_dict())
    filled.tie_weights()
    with torch.no_grad():
        close(filled.eval()(**inputs), model(**inputs))


# --- quantization, pruning, parametrizations --------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@torch.no_grad()
def test_dynamic_quantization_sees_every_linear(name):
    """It goes by `type(module) is nn.Linear`."""
    if not torch.backends.quantized.supported_engines or torch.backends.quantized.engine == "none":
        pytest.skip("this PyTorch has no quantized products")
    model, inputs = tiny.make(name, std=None), inputs_of(name)
    linears = [path for path, module in parts(model) if type(module) is nn.Linear]
    quantized = torch.quantization.quantize_dynamic(model, {nn.Linear}, dtype=torch.qint8)
    rounded = [path for path, module in quantized.named_modules() if "quantized" in type(module).__module__]
    assert [path for path in rounded if path in linears] == linears
    plain, changed = model(**inputs)[0], quantized(**inputs)[0]
    assert (changed - plain).abs().max() > 0 or not linears
    assert (changed - plain).abs().max() <= 0.1 * plain.abs().max() + 0.05


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_pruned_weights(name):
    """PyTorch's own pruning puts a mask on a weight by a hook."""
    from torch.nn.utils import prune

    model, inputs = tiny.make(name), inputs_of(name)
    path, linear = next((path, m) for path, m in parts(model) if type(m).__name__ in ("Linear", "Conv1D"))
    plain = model(**inputs)[0]
    prune.random_unstructured(linear, "weight", amount=0.5)
    masked = model(**inputs)[0]
    assert differ(masked, plain)
    masked.square().sum().backward()
    assert (linear.weight_orig.grad[linear.weight_mask == 0] == 0).all()
    prune.remove(linear, "weight")
    close(model(**inputs)[0], masked)


@pytest.mark.parametrize("name", ONE_OF_EACH)
@torch.no_grad()
def test_parametrized_weights(name):
    model, inputs = tiny.make(name), inputs_of(name)
    path, linear = next((path, m) for path, m in parts(model) if type(m).__name__ in ("Linear", "Conv1D"))
    plain = model(**inputs)[0]

    class Halved(nn.Module):
        def forward(self, weight):
            return weight / 2

    nn.utils.parametrize.register_parametrization(linear, "weight", Halved())
    assert differ(model(**inputs)[0], plain)
    nn.utils.parametrize.remove_parametrizations(linear, "weight", leave_parametrized=False)
    close(model(**inputs)[0], plain)


# --- libraries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_state_dict_of_distributed_checkpoints(name, tmp_path):
    """`get_model_state_dict` and `set_model_state_dict`, as sharded training saves and loads."""
    if not torch.distributed.is_available():
        pytest.skip("this PyTorch is built without torch.distributed")
    from torch.distributed.checkpoint.state_dict import get_model_state_dict, set_model_state_dict

    model, other, inputs = tiny.make(name), tiny.make(name, seed=1), inputs_of(name)
    store = f"file://{tmp_path}/store"
    torch.distributed.init_process_group("gloo", init_method=store, rank=0, world_size=1)
    try:
        state = get_model_state_dict(model)
        assert set(state) == set(model.state_dict())
        set_model_state_dict(other, state)
    finally:
        torch.distributed.destroy_process_group()
    with torch.no_grad():
        close(other(**inputs), model(**inputs))


# T5's first layer has the table of the position biases of all, and they are computed before the layer is.
OUTSIDE = [name for name in ONE_OF_EACH if name.startswith("T5")]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.xfail(strict=True)] if name in OUTSIDE else []) for name in ONE_OF_EACH],
)
def test_sharded_model(name, tmp_path):
    """FSDP2 on one process: hooks and weights of another class, on every layer and on the whole."""
    if not torch.distributed.is_available():
        pytest.skip("this PyTorch is built without torch.distributed")
    fsdp = pytest.importorskip("torch.distributed.fsdp")
    from torch.distributed.checkpoint.state_dict import StateDictOptions, get_model_state_dict
    from torch.distributed.device_mesh import init_device_mesh

    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    plain = model(**inputs)[0].detach()
    torch.distributed.init_process_group("gloo", init_method=f"file://{tmp_path}/store", rank=0, world_size=1)
    try:
        mesh = init_device_mesh("cpu", (1,))
        for _, layers in lists_of_layers(model):
            for layer in layers:
                fsdp.fully_shard(layer, mesh=mesh)
        fsdp.fully_shard(model, mesh=mesh)
        output = model(**inputs)[0]
        close(output, plain)
        output.square().sum().backward()
        state = get_model_state_dict(model, options=StateDictOptions(full_state_dict=True))
        assert set(state) == set(tiny.make(name, use_cache=False).state_dict())
    finally:
        torch.distributed.destroy_process_group()


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_accelerate(name):
    accelerate = pytest.importorskip("accelerate")
    model, inputs = tiny.make(name).train(), inputs_of(name)
    plain = model(**inputs)[0].detach()
    accelerator = accelerate.Accelerator(cpu=True)
    optimizer = torch.optim.SGD([value for value in model.parameters() if value.requires_grad], lr=1e-3)
    prepared, optimizer = accelerator.prepare(model, optimizer)
    output = prepared(**inputs)[0]
    close(output, plain)
    accelerator.backward(output.square().sum())
    optimizer.step()
    assert differ(prepared(**inputs)[0], plain)
    assert accelerator.unwrap_model(prepared) is model
    hooked = accelerate.hooks.AlignDevicesHook(io_same_device=True)
    accelerate.hooks.add_hook_to_module(model, hooked)
    accelerate.hooks.remove_hook_from_module(model)
    assert isinstance(model.forward, types.MethodType)


@pytest.mark.parametrize("name", [name for name in ONE_OF_EACH if name in OF_ONE_PART])
@torch.no_grad()
def test_peft(name):
    peft = pytest.importorskip("peft")
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)[0]
    linears = [path for path, module in parts(model) if type(module) is nn.Linear]
    config = peft.LoraConfig(r=2, target_modules=linears[:4], init_lora_weights=False)
    adapted = peft.inject_adapter_in_model(config, model)
    changed = adapted(**inputs)[0]
    assert differ(changed, plain)
    assert sum("lora_A" in key for key in adapted.state_dict()) == len(linears[:4])


def test_modules_of_old_names_are_found_when_unpickled():
    """A pickled module says where its class is: under the alias too."""
    transformers = formers.as_transformers()
    module = importlib.import_module(f"{transformers.__name__}.modeling_bert")
    layer = module.BertLayer(formers.BertConfig(hidden_size=8, num_attention_heads=2, intermediate_size=8)).eval()
    states = torch.randn(1, 3, 8)
    with torch.no_grad():
        close(pickle.loads(pickle.dumps(layer))(states), layer(states))
