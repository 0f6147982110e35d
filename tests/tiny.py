"""Tiny models of every public class, found through the registry of families and the golden index.

A family that is added to the registry, with its golden data, is picked up with no edit here: which classes it has
follows from the public names, what they are configured with and how many axes their inputs have from the recorded
data. Nothing here knows how a model is made inside.
"""

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import formers
from formers.families import Family, families

from .golden_data import GOLDEN, Recorded, model_folders, read

# What follows the family's name in the name of a class that is a model: `Model`, `LMHeadModel`, `ForMaskedLM`, ...
_KIND = re.compile(r"(?!PreTrained)(\w*Model(WithLMHead)?|For[A-Z]\w*)$")
# The std of newly initialised weights, as the families' configurations call it.
_STD = ("initializer_range", "init_std")
# Fields of a config.json that are not a model's own.
_NOT_VALUES = ("architectures", "model_type", "id2label", "label2id")
# Ids of tokens that every tiny vocabulary has and that mean nothing in particular.
ORDINARY = range(6, 60)


# --- which classes there are ------------------------------------------------------------------------------------------


@cache
def _prefixes() -> dict[str, str]:
    """What the names of a family's classes start with -> its model type."""
    return {family.config.__name__.removesuffix("Config"): name for name, family in families().items()}


def model_type_of(name: str) -> str | None:
    """The model type of a public class, PyTorch or Keras; None for a name that is not a model's."""
    name = name.removeprefix("TF")
    owners = [prefix for prefix in _prefixes() if name.startswith(prefix) and _KIND.match(name[len(prefix) :])]
    return _prefixes()[max(owners, key=len)] if owners else None


def family_of(name: str) -> Family:
    """The family of a public class."""
    model_type = model_type_of(name)
    if model_type is None:
        raise KeyError(f"{name!r} is not the name of a model of a family in the registry")
    return families()[model_type]


def torch_classes(*model_types: str) -> list[str]:
    """Names of the PyTorch classes of some families, of all by default. Imports no framework."""
    return [name for name in _classes(model_types) if not name.startswith("TF")]


def keras_classes(*model_types: str) -> list[str]:
    """Names of the Keras classes of some families, of all by default. Imports no framework."""
    return [name for name in _classes(model_types) if name.startswith("TF")]


def twins(*model_types: str) -> list[str]:
    """Names of the PyTorch classes that have a Keras twin, that with `TF` before its name."""
    keras = set(keras_classes(*model_types))
    return [name for name in torch_classes(*model_types) if f"TF{name}" in keras]


def _classes(model_types: Iterable[str]) -> list[str]:
    wanted = set(model_types) or set(families())
    if unknown := wanted - set(families()):
        raise KeyError(f"no such families: {', '.join(sorted(unknown))}; there are {', '.join(families())}")
    return sorted(name for name in dir(formers) if model_type_of(name) in wanted)


def single_stacks(names: Iterable[str]) -> list[str]:
    """Those of some classes that are one stack, an encoder or a decoder."""
    return [name for name in names if not config(name).is_encoder_decoder]


def pairs(names: Iterable[str]) -> list[str]:
    """Those of some classes that are an encoder and a decoder."""
    return [name for name in names if config(name).is_encoder_decoder]


def language_models() -> list[str]:
    """A class that scores the vocabulary for each family that has one: the auto table's."""
    return [cls.__name__ for cls in formers.MODEL_WITH_LM_HEAD_MAPPING.values()]


def writers() -> list[str]:
    """The PyTorch classes whose `generate()` is recorded, one for each family that writes."""
    return [row["cls"] for row in read("generation/index.json")]


# --- configurations ---------------------------------------------------------------------------------------------------


@cache
def _recorded_config(name: str) -> dict[str, Any]:
    """The recorded config.json of a class, or of another class of its family."""
    keras_only = GOLDEN / "models_tf" / name / "config.json"
    if keras_only.exists():
        return _values(keras_only)
    plain = [folder for folder in model_folders() if "@" not in folder]
    same_family = [folder for folder in plain if model_type_of(folder) == model_type_of(name)]
    if not same_family:
        raise KeyError(f"{name}: tests/golden/models holds no class of the family {model_type_of(name)!r}")
    own = name.removeprefix("TF")
    return _values(GOLDEN / "models" / (own if own in same_family else same_family[0]) / "config.json")


def _values(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    values = {key: value for key, value in content.items() if key not in _NOT_VALUES}
    if "id2label" in content:
        values["num_labels"] = len(content["id2label"])
    return values


def config(name: str, std: float | None = None, **changes: Any) -> Any:
    """A tiny configuration: that of the recorded model, all probabilities of dropout 0.

    Args:
        name: a public class.
        std: of newly initialised weights: larger ones make outputs differ more.
        **changes: other values of some attributes.
    """
    config_class = family_of(name).config
    made = config_class(**{**_recorded_config(name), **changes})
    for part in (made, getattr(made, "encoder", None), getattr(made, "decoder", None)):
        for attribute in _STD if std is not None else ():
            if hasattr(part, attribute):
                setattr(part, attribute, std)
    return made


def config_of(model_type: str, **changes: Any) -> Any:
    """A tiny configuration of a family, also of one without classes of its own (mBART).

    The sizes of a family without recorded models are those of the family whose configuration it extends.

    Args:
        model_type: key of the registry.
        **changes: other values of some attributes.
    """
    own = families()[model_type].config
    if names := torch_classes(model_type):
        return own(**{**_recorded_config(names[0]), **changes})
    for parent in own.__mro__[1:]:
        owner = next((key for key, family in families().items() if family.config is parent), None)
        if owner is not None and torch_classes(owner):
            recorded, default = _recorded_config(torch_classes(owner)[0]), vars(parent())
            sizes = {key: value for key, value in recorded.items() if value != default.get(key, value)}
            return own(**{**sizes, **changes})
    raise KeyError(f"{model_type!r} has no recorded models, and neither has a family that it extends")


# --- inputs -----------------------------------------------------------------------------------------------------------


def ids(*shape: int, seed: int = 0) -> np.ndarray:
    """Token ids that every tiny model knows and that are special in none.

    Args:
        *shape: shape of the result.
        seed: of the random numbers.

    Returns:
        int32. *Shape:* as given.
    """
    return np.random.default_rng(seed).integers(ORDINARY.start, ORDINARY.stop, shape).astype("int32")


def _recorded(name: str) -> Recorded | None:
    own = name.removeprefix("TF")
    return Recorded(own) if own in model_folders() else None


@cache
def arguments(name: str) -> frozenset[str]:
    """The arguments with which a class was called where it is recorded."""
    recorded = _recorded(name)
    return frozenset(key for case in recorded.cases for key in case["kwargs"]) if recorded else frozenset()


@cache
def has_choices(name: str) -> bool:
    """Whether a class takes several sequences a row: `[batch, choices, seq]`."""
    recorded = _recorded(name)
    return recorded is not None and recorded.arguments(recorded.cases[0], np.asarray)["input_ids"].ndim == 3


def inputs(
    name: str, of: Any = None, rows: int = 2, length: int = 7, choices: int = 3, seed: int = 0
) -> dict[str, np.ndarray]:
    """Inputs of a class.

    Args:
        name: a public class.
        of: its configuration; by default the tiny one.
        rows, length, choices: sizes of the axes.
        seed: of the random numbers.

    Returns:
        `input_ids`; `attention_mask`, where the class takes one, with one masked position; `decoder_input_ids` where
        there is a decoder beside an encoder. int32. *Shape:* `[batch, seq]`, or `[batch, choices, seq]` for classes
        that take choices.
    """
    of = config(name) if of is None else of
    shape = (rows, choices, length) if has_choices(name) else (rows, length)
    found = {"input_ids": ids(*shape, seed=seed)}
    if "attention_mask" in arguments(name):
        found["attention_mask"] = np.ones(shape, "int32")
        found["attention_mask"][-1, ..., -2] = 0
    if of.is_encoder_decoder:
        if of.eos_token_id is not None:
            found["input_ids"][..., -1] = of.eos_token_id  # BART's classifier reads the states there
        found["decoder_input_ids"] = ids(*shape, seed=seed + 1)
    return found


def training_inputs(name: str) -> dict[str, Any]:
    """The recorded inputs of a class with which its loss is computed, as arrays; they fit the tiny configuration.

    Raises:
        StopIteration: the class has no loss.
    """
    recorded = Recorded(name.removeprefix("TF"))
    case = next(case for case in recorded.cases if case["mode"] == "train" and case["loss_is"] == "out.0")
    return recorded.arguments(case, lambda array: array)


def tensors(arrays: dict[str, Any]) -> dict[str, Any]:
    """Inputs as PyTorch takes them: whole numbers as int64."""
    import torch

    def convert(value: np.ndarray) -> torch.Tensor:
        tensor = torch.from_numpy(np.asarray(value))
        return tensor.long() if tensor.dtype == torch.int32 else tensor

    return {key: convert(value) if isinstance(value, np.ndarray) else value for key, value in arrays.items()}


# --- models -----------------------------------------------------------------------------------------------------------


def make(name: str, std: float | None = 0.2, seed: int = 0, **changes: Any) -> Any:
    """A tiny model with newly initialised weights, in evaluation mode.

    Args:
        name: a public class, PyTorch or Keras.
        std: of the weights, where the family has such a number.
        seed: of the random numbers.
        **changes: other values of attributes of the configuration.
    """
    return build(getattr(formers, name), config(name, std, **changes), seed)


def build(cls: type, of: Any, seed: int = 0) -> Any:
    """A model of a class, a subclass of a public one perhaps, in evaluation mode.

    Args:
        cls: the class.
        of: its configuration.
        seed: of the random numbers.
    """
    import torch

    if not issubclass(cls, torch.nn.Module):
        import keras

        keras.utils.set_random_seed(seed)
        return cls(of)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return cls(of).eval()


def pair(name: str, **options: Any) -> tuple[Any, Any]:
    """A PyTorch model and its Keras twin with the same weights.

    Args:
        name: the PyTorch class.
        **options: as in `make`.
    """
    torch_model = make(name, **options)
    twin = getattr(formers, f"TF{name}")(torch_model.config)
    return torch_model, formers.load_pytorch_model_in_tf2_model(twin, torch_model)
