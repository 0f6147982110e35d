"""The weights of a model by their names: our own, and the hub's."""
from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import keras
import numpy as np

from formers.architecture.keras_names import KerasLayout
from formers.architecture.names import NameTable

from .construction import values_of
from .embeddings import TFSharedEmbeddings
from .heads import ToVocabulary
from .norms import Affine

# Keras's layers: attribute of a variable -> the hub's leaf.
_LEAVES: dict[type, dict[str, str]] = {
    keras.layers.Dense: {"kernel": "weight", "bias": "bias"},
    keras.layers.LayerNormalization: {"gamma": "weight", "beta": "bias"},
    keras.layers.RMSNormalization: {"scale": "weight"},
    keras.layers.Embedding: {"embeddings": "weight"},
    Affine: {"gamma": "weight", "beta": "bias"},
    TFSharedEmbeddings: {"weight": "weight"},
}


class FamilyLike(Protocol):
    """What the backend needs to know of a family (see `formers.families.Family`)."""

    @property
    def config(self) -> Any:
        """Class of its configs."""

    @property
    def architecture(self) -> Callable[[Any], Any]:
        """Config -> architecture."""

    @property
    def names(self) -> NameTable:
        """Its names in checkpoint files."""

    @property
    def prefix(self) -> str:
        """The attribute of the base model in models with heads."""

    @property
    def keras_layout(self) -> KerasLayout:
        """What Keras calls its weights."""


class Owner:
    """A layer whose weights have names in checkpoint files."""

    family: ClassVar[FamilyLike]
    base_model_prefix: ClassVar[str] = ""
    is_base: ClassVar[bool] = False
    is_main: ClassVar[bool] = False


@dataclass(frozen=True)
class Weight:
    """A variable as the hub's files know it.

    Attributes:
        variable: the variable.
        hub: its name in files.
        transposed: files keep the transpose of what Keras does.
    """

    variable: Any
    hub: str
    transposed: bool

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape in files."""
        shape = tuple(self.variable.shape)
        return shape[::-1] if self.transposed else shape

    def numpy(self) -> np.ndarray:
        """The values in the layout of files."""
        values = values_of(self.variable)
        return np.ascontiguousarray(values.T) if self.transposed else values

    def assign(self, values: np.ndarray) -> None:
        """Take values in the layout of files, of any floating-point type."""
        values = values.T if self.transposed else values
        self.variable.assign(values.astype(self.variable.dtype, copy=False))


def named_weights(model: keras.layers.Layer) -> dict[str, Weight]:
    """Our name of each weight of a model -> the weight; tied ones appear under each of their names.

    The names are those that the same model has in PyTorch.
    """
    found = {}
    for name, variable, transposed, owner, start in _walk(model, "", None, 0):
        if owner is not None and owner.is_main and owner.family.names.is_transposed(name[start:]):
            transposed = not transposed
        found[name] = Weight(variable, _hub_name(name, owner, start), transposed)
    return found


def _hub_name(name: str, owner: Any, start: int) -> str:
    if owner is None:
        return name
    prefix, own = name[:start], name[start:]
    if owner.is_main:
        return prefix + (owner.family.names.base_to_hub(own) or own)
    return prefix + owner.family.names.head_to_hub(own)


def _walk(layer: Any, prefix: str, owner: Any, start: int) -> Iterator[tuple[str, Any, bool, Any, int]]:
    """Name, variable, whether it is transposed, owner and start of the owner's part of the name, of every weight."""
    if isinstance(layer, Owner):
        owner, start = layer, len(prefix)
        if layer.is_base:  # a base model's weights have no prefix
            layer = getattr(layer, layer.base_model_prefix)
            owner = layer
    if isinstance(layer, ToVocabulary):
        yield prefix + "weight", layer.table.weight, False, owner, start
        if layer.bias is not None:
            yield prefix + "bias", layer.bias, False, owner, start
        return
    kind: Any
    for kind, leaves in _LEAVES.items():
        if isinstance(layer, kind):
            for attribute, leaf in leaves.items():
                variable = getattr(layer, attribute, None) if layer.built else None
                if variable is not None:
                    transposed = isinstance(layer, keras.layers.Dense) and leaf == "weight"
                    yield prefix + leaf, variable, transposed, owner, start
            return
    children = []
    for attribute, value in vars(layer).items():
        if attribute.startswith("_"):
            continue
        name = prefix + attribute.rstrip("_")
        if isinstance(value, keras.Variable):
            yield name, value, False, owner, start
        elif isinstance(value, keras.layers.Layer):
            children.append((name, value))
        elif isinstance(value, list | tuple):
            items = enumerate(value)
            children += [(f"{name}.{i}", item) for i, item in items if isinstance(item, keras.layers.Layer)]
    for name, child in children:
        # Where files have no prefix for the base model, its parts are the model's own.
        transparent = isinstance(child, Owner) and child.is_main and not child.family.prefix
        yield from _walk(child, prefix if transparent else f"{name}.", owner, start)


def name_variables(model: Any, class_name: str, prefix: str) -> None:
    """Let the variables bear the documented paths, such as `tf_bert_model/bert/encoder/layer_._0/...`.

    Args:
        model: the model or main layer.
        class_name: a class for which the family's layout knows the paths.
        prefix: put before the names of the weights (`bert.`, where they come without).
    """
    weights = named_weights(model).values()
    shapes = {prefix + weight.hub: weight.shape for weight in weights}
    variables = {prefix + weight.hub: weight.variable for weight in weights}
    layout = model.family.keras_layout
    tied = {name for name, first in layout.copies.items() if variables.get(name) is variables.get(first)}
    for paths in layout.layers(class_name, shapes, tied).values():
        for path, name in paths.items():
            variables[name]._path = f"{model.name}/{path.partition('/')[2].removesuffix(':0')}"
