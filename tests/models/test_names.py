"""Names, order and shapes of what a PyTorch model is made of: parameters, buffers, modules, as old code knows them."""

import re

import pytest
from safetensors import safe_open
from tests import tiny
from tests.golden_data import Recorded, model_folders, read

import formers
from formers.families import families

# Class -> names of its state dict in order, and path and class of its modules in order; each with two layers. They
# hold the classes of all families of v3.0.2.
STATE_DICTS = read("misc/state_dicts.json")
MODULE_TREES = read("misc/module_trees.json")
# A model made of two has the names of the two.
OF_ONE_PART = [name for name in tiny.torch_classes() if not hasattr(tiny.config(name), "encoder")]


@pytest.fixture(scope="module", params=model_folders())
def named(request):
    """A recorded model, loaded, and what is recorded of its state."""
    recorded = Recorded(request.param)
    model = getattr(formers, recorded.cls).from_pretrained(recorded.path)
    return model, read(f"models/{request.param}/info.json")["state"], recorded.path


def test_parameters(named):
    """In the order in which they are recorded, so that optimizer states fit; of tied ones the first name."""
    model, state, _ = named
    assert [name for name, _ in model.named_parameters()] == state["parameters"]
    assert model.num_parameters() == state["num_parameters"]


def test_tied_parameters(named):
    model, state, _ = named
    groups = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        groups.setdefault(id(parameter), []).append(name)
    assert [group for group in groups.values() if len(group) > 1] == state["tied"]


def test_frozen_parameters(named):
    model, state, _ = named
    assert [name for name, parameter in model.named_parameters() if not parameter.requires_grad] == state["frozen"]


def test_state_dict(named):
    """Parameters, the other names of tied ones, and buffers: the names and shapes of the recorded file."""
    model, state, path = named
    shapes = {name: list(value.shape) for name, value in model.state_dict().items()}
    with safe_open(path / "model.safetensors", framework="numpy") as file:
        assert shapes == {name: file.get_slice(name).get_shape() for name in file.keys()}  # noqa: SIM118
    parameters = {name for name, _ in model.named_parameters(remove_duplicate=False)}
    assert [name for name in model.state_dict() if name not in parameters] == state["buffers"]


def test_prefix_of_the_base_model(named):
    model, state, _ = named
    assert model.base_model_prefix == state["base_model_prefix"]
    if state["base_model_prefix"] in model._modules:
        assert model.base_model is getattr(model, state["base_model_prefix"])


@pytest.mark.parametrize("name", [name for name in OF_ONE_PART if name in STATE_DICTS])
def test_order_of_state_dicts(name):
    assert list(two_layers(name).state_dict()) == STATE_DICTS[name]


@pytest.mark.parametrize("name", OF_ONE_PART)
def test_paths_of_modules(name):
    assert list(dict.fromkeys(path for path, _ in tree(name))) == list(dict.fromkeys(p for p, _ in MODULE_TREES[name]))


@pytest.mark.parametrize("name", OF_ONE_PART)
def test_classes_of_modules(name):
    """`type(module).__name__`, which code that prints, registers or prunes modules goes by."""
    assert tree(name) == [(path, cls) for path, cls in MODULE_TREES[name]]


def two_layers(name):
    return tiny.make(name, num_hidden_layers=2)


def tree(name):
    """Path and class of all modules, repeated ones once, with `{i}` for their numbers."""
    rows = ((re.sub(r"\.\d+(?=\.|$)", ".{i}", path), type(m).__name__) for path, m in two_layers(name).named_modules())
    return list(dict.fromkeys(rows))


def test_data_are_there_for_every_class():
    assert set(OF_ONE_PART) <= set(MODULE_TREES)
    # Families that are another one under a further name (CamemBERT, XLM-RoBERTa) have that one's state dicts.
    for name in set(OF_ONE_PART) - set(STATE_DICTS):
        assert tiny.family_of(name).config.__base__ in {family.config for family in families().values()}
