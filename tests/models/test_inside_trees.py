"""Whole models from inside: attributes of modules, tied weights, what the methods that point inside give."""

import pytest
import torch
from tests import tiny
from tests.golden_data import read

import formers

RECORDED = read("inner/models.json")
NAMES = [name for name, entry in RECORDED["classes"].items() if entry["class"] in tiny.torch_classes()]
# Of "bias" and "LayerNorm.weight", the documented recipe for optimizers exempts names with one of these from decay.
NO_DECAY = ("bias", "LayerNorm.weight")


@pytest.fixture(scope="module", params=NAMES)
def recorded(request):
    """A model that is configured as a recorded one, and what is recorded of it."""
    entry = RECORDED["classes"][request.param]
    made = entry["config"]
    if "args" in made:
        config = getattr(formers, made["class"])(**made["args"])
    else:
        both = [getattr(formers, part["class"])(**part["args"]) for part in made["from_encoder_decoder_configs"]]
        config = formers.EncoderDecoderConfig.from_encoder_decoder_configs(*both)
    return getattr(formers, entry["class"])(config), entry


def value_of(spec):
    match spec:
        case {"set": values}:
            return set(values)
        case {"tuple": values}:
            return tuple(map(value_of, values))
        case {"dict": pairs}:
            return {key: value_of(value) for key, value in pairs}
        case list():
            return [value_of(value) for value in spec]
    return spec


def test_parameters(recorded):
    model, entry = recorded
    found = [
        [name, list(value.shape), *([] if value.requires_grad else ["frozen"])]
        for name, value in model.named_parameters()
    ]
    assert found == entry["parameters"]
    if "num_parameters" in entry:
        assert [model.num_parameters(), model.num_parameters(only_trainable=True)] == entry["num_parameters"]


def test_buffers(recorded):
    model, entry = recorded
    hidden = {
        f"{path}.{name}".lstrip(".")
        for path, module in model.named_modules()
        for name in module._non_persistent_buffers_set
    }
    found = [
        [name, list(value.shape), str(value.dtype).removeprefix("torch."), "not" if name in hidden else "persistent"]
        for name, value in model.named_buffers()
    ]
    assert found == entry["buffers"]


def test_modules_and_their_attributes(recorded):
    model, entry = recorded
    assert [path for path, _ in model.named_modules()] == [path for path, *_ in entry["modules"]]
    for path, kind, attributes in entry["modules"]:
        module = model.get_submodule(path)
        assert type(module).__name__ == kind.rpartition(".")[2], path
        if isinstance(attributes, str):
            assert module.extra_repr() == attributes, path
            continue
        known = RECORDED["vars"][attributes]
        for name, value in known["values"].items():
            assert getattr(module, name, "absent") == value_of(value), f"{path}.{name}"
        for name in known.get("other", {}):
            assert hasattr(module, name), f"{path}.{name}"


def test_tied_parameters(recorded):
    model, entry = recorded
    groups = {}
    for path, module in model.named_modules():  # modules that are shared are there once
        for name, parameter in module._parameters.items():
            if parameter is not None:
                groups.setdefault(id(parameter), []).append(f"{path}.{name}".lstrip("."))
    found = sorted(sorted(names) for names in groups.values() if len(names) > 1)
    assert found == sorted(map(sorted, entry["tied"]))


def test_methods_that_point_inside(recorded):
    model, entry = recorded
    places = {id(module): path for path, module in reversed(list(model.named_modules()))}
    for name, wanted in entry["embed"].items():
        if name == "base_model_prefix":
            assert model.base_model_prefix == wanted
            continue
        if wanted == "absent":
            continue
        found = model.base_model if name == "base_model" else getattr(model, name)()
        if wanted is not None and wanted.startswith("elsewhere: "):
            assert type(found).__name__ == wanted.removeprefix("elsewhere: "), name
        else:
            assert (None if found is None else places[id(found)]) == wanted, name


def test_documented_bases(recorded):
    model, entry = recorded
    assert set(entry.get("bases", [])) <= {base.__name__ for base in type(model).__mro__}


def test_documented_recipe_for_optimizers(recorded):
    """It exempts as many parameters from weight decay as ever."""
    model, entry = recorded
    if "no_decay" not in entry:
        pytest.skip("it is not recorded")
    exempt = [name for name, _ in model.named_parameters() if any(part in name for part in NO_DECAY)]
    decayed = [name for name, _ in model.named_parameters() if not any(part in name for part in NO_DECAY)]
    assert {"exempt": len(exempt), "decayed": len(decayed)} == entry["no_decay"]
    groups = [
        {"params": [model.get_parameter(name) for name in names], "weight_decay": decay}
        for names, decay in ((decayed, 0.01), (exempt, 0.0))
    ]
    torch.optim.AdamW(groups, lr=1e-3)
