"""PyTorch's transforms of a model as it is: traces, graphs, compilers, functions of weights, second derivatives."""

import pytest
import torch
from tests import tiny
from tests.models.inside import CLASSES, LENGTH, ONE_OF_EACH, close, inputs_of
from torch import Tensor
from torch.func import functional_call, grad, vmap
from torch.utils import _pytree as pytree

from formers import PreTrainedModel
from formers.outputs import ModelOutput

# Graphs take seconds to make: one class of each family in every run, the others with `-m slow`.
MOSTLY_SLOW = [name if name in ONE_OF_EACH else pytest.param(name, marks=pytest.mark.slow) for name in CLASSES]

# --- outputs as structures --------------------------------------------------------------------------------------------


def test_outputs_are_known_structures():
    assert issubclass(PreTrainedModel, torch.nn.Module)  # with the models comes what PyTorch must know of their outputs
    states = (torch.zeros(1), torch.zeros(2))
    output = ModelOutput(loss=None, logits=torch.ones(2), hidden_states=states, attentions=None)
    leaves, structure = pytree.tree_flatten(output)
    assert [tuple(leaf.shape) for leaf in leaves] == [(2,), (1,), (2,)]
    again = pytree.tree_unflatten([leaf + 1 for leaf in leaves], structure)
    assert isinstance(again, ModelOutput) and again.keys() == output.keys()
    assert again.loss is None and again.attentions is None and torch.equal(again.logits, torch.full((2,), 2.0))
    doubled = pytree.tree_map(lambda leaf: leaf * 2, output)
    assert isinstance(doubled, ModelOutput) and torch.equal(doubled.logits, torch.full((2,), 2.0))
    restored = pytree.treespec_loads(pytree.treespec_dumps(structure))
    assert restored == structure
    paths = [pytree.keystr(path) for path, _ in pytree.tree_flatten_with_path(output)[0]]
    assert paths == ["[0]", "[1][0]", "[1][1]"]


# --- graphs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
@torch.no_grad()
def test_trace(name, tmp_path):
    """A trace has the model's names, and serves other lengths, also after it was saved."""
    model, inputs = tiny.make(name, torchscript=True, use_cache=False), inputs_of(name)
    trace = torch.jit.trace(model, example_kwarg_inputs=inputs)
    assert list(trace.state_dict()) == list(model.state_dict())
    assert [path for path, _ in trace.named_parameters()] == [path for path, _ in model.named_parameters()]
    torch.jit.save(trace, tmp_path / "trace.pt")
    for made in (trace, torch.jit.load(tmp_path / "trace.pt")):
        for other in (inputs_of(name, rows=3, seed=1), inputs_of(name, length=LENGTH - 3), inputs_of(name, length=9)):
            close(made(**other), model(**other))


def dynamic_shapes(inputs: dict[str, Tensor]) -> dict[str, dict[int, torch.export.Dim]]:
    """Batch and lengths are free; axes between are of choices."""
    batch = torch.export.Dim("batch", max=64)
    lengths = {
        "inputs": torch.export.Dim("length", min=2, max=9),
        "decoder": torch.export.Dim("decoder_length", min=2, max=9),
        "encoder": torch.export.Dim("encoder_length", min=2, max=9),
    }

    def free(name: str, value: Tensor) -> dict[int, torch.export.Dim]:
        kind = name.partition("_")[0]
        axis = 1 if kind == "encoder" else value.dim() - 1
        return {0: batch, axis: lengths.get(kind, lengths["inputs"])}

    return {name: free(name, value) for name, value in inputs.items()}


@pytest.mark.parametrize("name", MOSTLY_SLOW)
@torch.no_grad()
def test_export(name):
    """`torch.export.export(model)` as it is, with masks, for batches and lengths of any size."""
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    program = torch.export.export(model, (), kwargs=inputs, dynamic_shapes=dynamic_shapes(inputs))
    graph = program.module()
    output = graph(**inputs)
    assert isinstance(output, ModelOutput) and output.keys() == model(**inputs).keys()
    for other in (inputs, inputs_of(name, rows=3, length=9, seed=1), inputs_of(name, rows=1, length=4, seed=2)):
        close(graph(**other), model(**other))
    assert set(program.state_dict) == set(model.state_dict())


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_export_of_all_outputs(name):
    """Hidden states, attention weights and labels too."""
    model = tiny.make(name, use_cache=False)
    inputs = tiny.tensors(tiny.training_inputs(name)) | {"output_attentions": True, "output_hidden_states": True}
    program = torch.export.export(model, (), kwargs=inputs)
    with torch.no_grad():
        output, plain = program.module()(**inputs), model(**inputs)
    assert output.keys() == plain.keys() and output.loss is not None
    close(output, plain)


@pytest.mark.parametrize("name", MOSTLY_SLOW)
def test_compile(name):
    """The whole call is one graph; gradients are those of the model."""
    torch.compiler.reset()
    model, inputs = tiny.make(name, use_cache=False), inputs_of(name)
    compiled = torch.compile(model, fullgraph=True, backend="eager")
    outputs, gradients = [], []
    for call in (compiled, model):
        model.zero_grad()
        outputs.append(call(**inputs))
        outputs[-1][0].square().sum().backward()
        gradients.append([value.grad for value in model.parameters() if value.grad is not None])
    close(*outputs)
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", [ONE_OF_EACH[0], *(pytest.param(n, marks=pytest.mark.slow) for n in ONE_OF_EACH[1:])])
@torch.no_grad()
def test_compile_of_other_lengths(name):
    """A second length does not need a graph for each of the next ones."""
    torch.compiler.reset()
    graphs = []

    def backend(graph, example):
        graphs.append(graph)
        return graph.forward

    model = tiny.make(name, use_cache=False)
    compiled = torch.compile(model, fullgraph=True, backend=backend)
    for length in (5, 6, 7, 8, 9):
        inputs = inputs_of(name, length=length)
        close(compiled(**inputs), model(**inputs))
    assert len(graphs) <= 3


# --- functions of weights ---------------------------------------------------------------------------------------------


def made(name, **options):
    """A model; the test is skipped for those that have a module at several paths.

    PyTorch's `functional_call` puts other weights into such a module once for each path, and afterwards not the first
    ones back: a model of two lines shows it.
    """
    model = tiny.make(name, **options)
    paths = [path for path, _ in model.named_modules(remove_duplicate=False)]
    if len(paths) > len(list(model.named_modules())):
        pytest.skip("PyTorch's functional_call spoils models that share modules")
    return model


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_functional_call(name):
    """With the state dict, whose tied weights are one tensor, and with other values."""
    model, other, inputs = made(name), made(name, seed=1), inputs_of(name)
    close(functional_call(model, model.state_dict(), (), inputs), model(**inputs))
    close(functional_call(model, other.state_dict(), (), inputs), other(**inputs))
    parameters = dict(other.named_parameters())
    close(functional_call(model, parameters, (), inputs), other(**inputs))


@pytest.mark.parametrize("name", CLASSES)
def test_gradients_of_each_example(name):
    """`vmap(grad(f))` with masks: what a loop over the rows gives."""
    model, inputs = made(name, use_cache=False), inputs_of(name)
    assert "attention_mask" in inputs or "attention_mask" not in tiny.arguments(name)
    parameters = {key: value.detach() for key, value in model.named_parameters() if value.requires_grad}
    frozen = {key: value.detach() for key, value in model.named_parameters() if not value.requires_grad}

    def score(weights, row):
        alone = {key: value[None] for key, value in row.items()}
        return functional_call(model, weights | frozen, (), alone)[0].square().mean()

    together = vmap(grad(score), (None, 0))(parameters, inputs)
    for index in range(2):
        single = grad(score)(parameters, {key: value[index] for key, value in inputs.items()})
        for key in parameters:
            torch.testing.assert_close(together[key][index], single[key], rtol=1e-5, atol=1e-5, msg=key)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_ensembles(name):
    """`stack_module_state` of several models, called at once."""
    models, inputs = [made(name, seed=seed, use_cache=False) for seed in range(3)], inputs_of(name)
    weights, buffers = torch.func.stack_module_state(models)

    def call(values, rest):
        return functional_call(models[0], (values, rest), (), inputs)[0]

    with torch.no_grad():
        together = vmap(call)(weights, buffers)
        for index, model in enumerate(models):
            close(together[index], model(**inputs)[0])


# --- derivatives ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
@pytest.mark.parametrize("training", [False, True], ids=["evaluation", "training"])
def test_second_derivatives(name, training):
    """A penalty on gradients, in evaluation mode too; compared with differences of gradients."""
    model, inputs = tiny.make(name, use_cache=False).double().train(training), inputs_of(name)
    inputs = {key: value.double() if value.is_floating_point() else value for key, value in inputs.items()}
    weight, generator = model.get_input_embeddings().weight, torch.Generator().manual_seed(0)
    # A norm's output has the same square whatever its input, so the outputs are weighted.
    factors = torch.rand(model(**inputs)[0].shape, generator=generator, dtype=torch.double)

    def gradient():
        return torch.autograd.grad((model(**inputs)[0].square() * factors).mean(), weight, create_graph=True)[0]

    direction = torch.randn(weight.shape, generator=generator, dtype=torch.double)
    product = torch.autograd.grad((gradient() * direction).sum(), weight)[0]
    step = 1e-5
    with torch.no_grad():
        weight.add_(direction, alpha=step)
    after = gradient().detach()
    with torch.no_grad():
        weight.sub_(direction, alpha=2 * step)
    before = gradient().detach()
    expected = (after - before) / (2 * step)
    scale = float(expected.abs().max())
    assert scale > 0
    torch.testing.assert_close(product, expected, rtol=1e-3, atol=1e-4 * scale)


@pytest.mark.parametrize("name", CLASSES)
def test_penalties_on_gradients_reach_every_weight(name):
    model, inputs = tiny.make(name).eval(), inputs_of(name)
    weights = [value for value in model.parameters() if value.requires_grad]
    score = model(**inputs)[0].square().sum()
    gradients = torch.autograd.grad(score, weights, create_graph=True, allow_unused=True)
    sum(value.square().sum() for value in gradients if value is not None).backward()
    reached = [weight.grad is not None for weight in weights]
    assert sum(reached) >= sum(value is not None for value in gradients) - 1  # the last bias is gone in a second one


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_gradients_of_inputs(name):
    """Integrated gradients and adversarial training go by `inputs_embeds`, attached by a hook or passed."""
    model, inputs = tiny.make(name), inputs_of(name)
    held = []

    def keep(module, given, output):
        output.retain_grad()
        held.append(output)

    handle = model.get_input_embeddings().register_forward_hook(keep)
    model(**inputs)[0].square().sum().backward()
    handle.remove()
    assert held and all(value.grad is not None and bool(value.grad.any()) for value in held)
