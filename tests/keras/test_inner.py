"""The layers inside of the documented Keras models, by themselves: as recorded on the original library."""

import importlib
import inspect
from functools import cache

import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file
from tests.golden_data import GOLDEN, assert_close, leaves, read

import formers
from formers.compat.modules import existing_homes

CONTENT = read("inner/keras.json")
# What it says where it checks arguments. Other errors came from further inside.
CHECKED = ("AssertionError", "ValueError")
ENTRIES = [
    pytest.param(entry, id=f"{entry['module']} {entry['class']} {entry['variant']}".strip())
    for entry in CONTENT["classes"]
]


@cache
def tensors():
    return load_file(GOLDEN / "inner/keras.safetensors")


def documented(module, name):
    for home in existing_homes(module):
        found = getattr(importlib.import_module(home), name, None)
        if found is not None:
            return found
    raise AttributeError(f"no home of {module} has {name}")


def configuration(name):
    recorded = CONTENT["configs"][name]
    args = dict(recorded["args"])
    decoder = args.pop("is_decoder", False)
    config = getattr(formers, recorded["class"])(**args)
    config.is_decoder = decoder
    return config


def build(entry):
    def value_of(spec):
        if isinstance(spec, str):
            return configuration(spec.removeprefix("@"))
        if isinstance(spec, dict):
            layer = documented(spec["module"], spec["class"])(*map(value_of, spec["args"]), name="embeddings")
            if not layer.built:
                layer.build()
            return layer
        return spec

    kind = documented(entry["module"], entry["class"])
    return kind(*map(value_of, entry["init"]["args"]), **entry["init"]["kwargs"])


def with_weights(entry):
    layer = build(entry)
    if not layer.built:  # a norm
        layer.build((None, None, 8))
    layer.set_weights([tensors()[key] for _, key in entry["weights"]])
    return layer


def decode(spec, tensor=tf.constant):
    if spec is None:
        return None
    ((kind, value),) = spec.items()
    if kind == "tensor":
        return tensor(tensors()[value])
    if kind == "value":
        return value
    return {"tuple": tuple, "list": list}[kind](decode(inner, tensor) for inner in value)


def arguments(call):
    return [decode(spec) for spec in call["args"]], {name: decode(spec) for name, spec in call["kwargs"].items()}


def shape_of(value):
    """The nesting of a result."""
    if isinstance(value, tuple | list):
        return type(value)(map(shape_of, value))
    return None if value is None else tuple(value.shape)


@pytest.mark.parametrize("entry", ENTRIES)
def test_recorded_calls(entry):
    layer = with_weights(entry)
    for call in entry["calls"]:
        args, kwargs = arguments(call)
        if "error" in call:
            if call["error"][0] in CHECKED:
                with pytest.raises((AssertionError, ValueError)):
                    layer(*args, **kwargs)
            continue
        found, expected = layer(*args, **kwargs), decode(call["outputs"])
        assert shape_of(found) == shape_of(expected), call["name"]
        assert_close(leaves(found), leaves(expected))


@pytest.mark.parametrize("entry", ENTRIES)
def test_signatures(entry):
    kind = documented(entry["module"], entry["class"])
    assert names_of(inspect.signature(kind.__init__)) == entry["constructor"]
    assert names_of(inspect.signature(kind.call)) == entry["call"]


def names_of(signature):
    """A signature without annotations."""
    parameters = [value.replace(annotation=inspect.Parameter.empty) for value in signature.parameters.values()]
    return str(inspect.Signature(parameters))


@pytest.mark.parametrize("entry", ENTRIES)
def test_names_of_variables(entry):
    layer = with_weights(entry)
    found = [weight.path.partition("/")[2] for weight in layer.weights]
    assert len(found) == len(entry["weights"])
    for ours, (theirs, _) in zip(found, entry["weights"], strict=True):
        # In the original the linear layers of CTRL's feed-forward block had no names.
        assert ours == theirs or ("/" not in theirs and ours.endswith(f"/{theirs}")), (ours, theirs)


@pytest.mark.parametrize("recorded", CONTENT["functions"], ids=lambda recorded: recorded["function"])
def test_functions(recorded):
    function = documented(recorded["module"], recorded["function"])
    args = [decode(spec, np.asarray) for spec in recorded["args"]]
    assert names_of(inspect.signature(function)) == recorded["signature"]
    assert_close(leaves(function(*args)), leaves(decode(recorded["outputs"])))
