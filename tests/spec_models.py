"""Models of any spec: a public class whose family, or whose task, says something else than the library does.

The values of the weights follow from their names, so that models of two specs have the same weights wherever the two
have them in common; those of PyTorch and Keras are the same too.
"""

import traceback
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np

import formers
from formers.architecture import Architecture, EncoderDecoder, Head

from . import tiny

SOURCE = Path(formers.__file__).parent
LARGEST = 320  # length of the longest axis of a weight


@dataclass(frozen=True)
class Said:
    """All that is said about a model: what its family says, and what its task does."""

    architecture: Architecture
    heads_of_task: tuple[Head, ...] = ()


def said(name: str, config: Any = None) -> Said:
    """What the library says about a public class."""
    config = tiny.config(name) if config is None else config
    public = public_of(name)
    task = public.keras if name.startswith("TF") else public.task
    return Said(tiny.family_of(name).architecture(config), () if task.heads is None else task.heads(config))


def public_of(name: str) -> Any:
    """The line of a public class, PyTorch or Keras, in its family's table."""
    return next(public for public in tiny.family_of(name).public if public.name == name.removeprefix("TF"))


# --- making -----------------------------------------------------------------------------------------------------------


@contextmanager
def saying(cls: type, spec: Said) -> Iterator[None]:
    """Inside, a class and what it is made of are built from `spec`."""
    with ExitStack() as patches:
        for owner in _owners(cls):
            if owner.__dict__.get("family") is not None:
                family = replace(owner.family, architecture=lambda config: spec.architecture)
                patches.enter_context(patch.object(owner, "family", family))
        if cls.task.heads is not None:
            patches.enter_context(patch.object(cls, "task", replace(cls.task, heads=lambda config: spec.heads_of_task)))
        yield


def _owners(cls: Any) -> set[type]:
    """The classes that say which family a class, and what is inside it, belongs to."""
    inside = [cls, getattr(cls, "main_layer", None), getattr(getattr(cls, "main_layer", None), "stack_class", None)]
    if hasattr(cls, "base_class"):
        inside.append(cls.base_class())
    return {owner for part in inside if part is not None for owner in part.__mro__}


def build(name: str, spec: Said, config: Any = None) -> Any:
    """A PyTorch model of a spec, in evaluation mode, with weights that follow from their names."""
    cls, config = getattr(formers, name), tiny.config(name) if config is None else config
    with saying(cls, spec):
        model = tiny.build(cls, config)
    return fill(model)


def fill(model: Any) -> Any:
    """Give the weights of a PyTorch model the values that follow from their names."""
    import torch

    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if parameter.requires_grad:
                parameter.copy_(torch.from_numpy(values(name, tuple(parameter.shape))))
    return model


def values(name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Values of a weight; a smaller one of the same name has the first of them."""
    found = _drawn(name, len(shape))[tuple(slice(0, size) for size in shape)]
    assert found.shape == shape, f"{name} has the shape {shape}, for which {__name__} has too few values"
    return np.ascontiguousarray(found)


@lru_cache(maxsize=128)
def _drawn(name: str, axes: int) -> np.ndarray:
    return 0.3 * np.random.default_rng(zlib.crc32(name.encode())).standard_normal((LARGEST,) * axes, "float32")


def keras_twin(name: str, spec: Said, model: Any = None, config: Any = None) -> Any:
    """A Keras model of a spec.

    Args:
        name: the PyTorch class.
        spec: what it is.
        model: the PyTorch model whose weights it has; by default one is made.
        config: its configuration.
    """
    import keras

    model = build(name, spec, config) if model is None else model
    cls = getattr(formers, f"TF{name}")
    with saying(cls, spec):
        keras.utils.set_random_seed(0)
        twin = cls(model.config)
    return formers.load_pytorch_model_in_tf2_model(twin, model)


def onnx_twin(name: str, spec: Said, model: Any) -> Any:
    """A model of a spec that ONNX Runtime computes, with the weights of a PyTorch model."""
    from formers.backends.onnx import OnnxModel
    from formers.checkpoint.given import GivenTensors

    family, public = tiny.family_of(name), public_of(name)
    family = replace(family, architecture=lambda config: spec.architecture)
    if public.task.heads is not None:
        public = replace(public, task=replace(public.task, heads=lambda config: spec.heads_of_task))
    return OnnxModel(model.config, family, public, GivenTensors(model.state_dict()))


# --- calling ----------------------------------------------------------------------------------------------------------


def inputs(name: str, config: Any = None) -> dict[str, np.ndarray]:
    """Inputs of a class that make use of all that it takes but labels and choices of its own.

    Some tokens are padding, visible and masked ones, and some positions are masked.
    """
    config = tiny.config(name) if config is None else config
    taken = public_of(name).task.inputs
    found = tiny.inputs(name, config)
    shape, random = found["input_ids"].shape, np.random.default_rng(3)
    special = config.pad_token_id or 0
    for key in ("input_ids", "decoder_input_ids"):
        if key in found:
            found[key][0, ..., 2:5] = special, (special + 1) % config.vocab_size, special
    if "attention_mask" in taken:
        found["attention_mask"] = np.ones(shape, "int32")
        found["attention_mask"][-1, ..., 3] = found["attention_mask"][0, ..., 1] = 0
    if "token_type_ids" in taken:
        kinds = getattr(config, "type_vocab_size", 60)
        found["token_type_ids"] = random.integers(0, kinds, shape).astype("int32")
    if "encoder_hidden_states" in taken and getattr(config, "is_decoder", False):
        found["encoder_hidden_states"] = random.normal(size=(shape[0], 5, config.hidden_size)).astype("float32")
        found["encoder_attention_mask"] = np.ones((shape[0], 5), "int32")
        found["encoder_attention_mask"][0, 1:3] = 0
    if "mc_token_ids" in taken:
        found["mc_token_ids"] = np.full(shape[:-1], 4, "int32")
    return found


def without_ids(given: dict[str, np.ndarray], size: int) -> dict[str, np.ndarray]:
    """The inputs with vectors in place of the ids."""
    rest = {key: value for key, value in given.items() if key != "input_ids"}
    shape = (*given["input_ids"].shape, size)
    return {**rest, "inputs_embeds": np.random.default_rng(4).normal(size=shape).astype("float32")}


def flat(value: Any, path: str = "") -> dict[str, Any]:
    """Nested outputs as a table of arrays, by names and positions."""
    if value is None:
        return {}
    if hasattr(value, "keys"):
        pairs = [(key, value[key]) for key in value.keys()]  # noqa: SIM118 - a ModelOutput iterates over its values
    elif isinstance(value, tuple | list):
        pairs = list(enumerate(value))
    else:
        return {path: np.asarray(value.detach() if hasattr(value, "detach") else value)}
    return {key: array for place, inner in pairs for key, array in flat(inner, f"{path}/{place}").items()}


def differ(one: Any, other: Any) -> bool:
    """Whether two observations differ by more than rounding does."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() != other.keys() or any(differ(one[key], other[key]) for key in one)
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.shape != other.shape or not np.allclose(one, other, rtol=1e-5, atol=1e-6, equal_nan=True)
    return type(one) is not type(other) or one != other


def is_clear(error: BaseException) -> bool:
    """Whether an error was raised on purpose, by a line of the library that says what is wrong."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    line = last.line or ""
    on_purpose = line.startswith("raise ") or (line.startswith("assert ") and '"' in line)
    return Path(last.filename).is_relative_to(SOURCE) and on_purpose and bool(str(error))


def is_pair(spec: Said) -> bool:
    """Whether a spec is an encoder and a decoder."""
    return isinstance(spec.architecture, EncoderDecoder)
