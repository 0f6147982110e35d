"""The weights of a model by the hub's names."""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np

from formers.architecture.names import NameTable
from formers.family import Family
from formers.network.weights import Embedding, Linear, Scorer, Sinusoids
from formers.network.weights import Weight as Planned

from .construction import values_of
from .embeddings import TFSharedEmbeddings
from .parts import Affine, find

_LEAVES: dict[type, dict[str, str]] = {
    keras.layers.Dense: {"kernel": "weight", "bias": "bias"},
    keras.layers.LayerNormalization: {"gamma": "weight", "beta": "bias"},
    keras.layers.RMSNormalization: {"scale": "weight"},
    keras.layers.Embedding: {"embeddings": "weight"},
    Affine: {"gamma": "weight", "beta": "bias"},
    TFSharedEmbeddings: {"weight": "weight"},
}
"""Keras's layers: attribute of a variable -> the hub's leaf."""


class Owner:
    """A layer whose weights have names in checkpoint files.

    Attributes:
        family: the family.
        base_model_prefix: the attribute of the main layer in a model.
        is_base: whether this is a base model: its weights have no prefix, though its main layer is an attribute.
        is_main: whether this is a main layer.
        plan: the parts that the layer has by itself.
    """

    family: ClassVar[Family]
    base_model_prefix: ClassVar[str] = ""
    is_base: ClassVar[bool] = False
    is_main: ClassVar[bool] = False
    plan: Mapping[str, Planned]

    def planned_weights(self) -> "Iterator[tuple[str, Weight]]":
        """Yield the weights of the layer's own parts by the hub's names."""
        yield from _planned(self, None)


@dataclass(frozen=True)
class Weight:
    """A variable as the hub's files know it.

    Attributes:
        variable: the variable.
        transposed: files keep the transpose of what Keras does.
        planned: the part that it belongs to; None where the library did not make it.
    """

    variable: Any
    transposed: bool = False
    planned: Planned | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape in files."""
        shape = tuple(self.variable.shape)
        return shape[::-1] if self.transposed else shape

    def numpy(self) -> np.ndarray:
        """Return the values in the layout of files."""
        values = values_of(self.variable)
        return np.ascontiguousarray(values.T) if self.transposed else values

    def assign(self, values: np.ndarray) -> None:
        """Take values in the layout of files, of any floating-point type."""
        values = values.T if self.transposed else values
        self.variable.assign(values.astype(self.variable.dtype, copy=False))

    def initialize(self) -> None:
        """Take new values: random ones for matrices, 1 for the scales of norms, 0 for the rest."""
        shape = tuple(self.variable.shape)
        match self.planned:
            case None | Sinusoids():
                return  # it has had its values from the start
            case Linear() | Embedding() if len(shape) == 2:
                random = keras.initializers.RandomNormal(0.0, self.planned.std)
                self.variable.assign(random(shape, self.variable.dtype))
            case _:
                self.variable.assign(np.full(shape, 1.0 if self.variable.name in ("gamma", "scale") else 0.0))


def named_weights(model: Any) -> dict[str, Weight]:
    """Return the weights of a model by the hub's names, in the order of the hub's files; tied ones have several names."""
    found = dict(_walk(model, ""))
    return {name: found[name] for name in _registered(found)}


def _walk(layer: Any, prefix: str) -> Iterator[tuple[str, Weight]]:
    if isinstance(layer, Owner) and hasattr(layer, "plan"):
        main = getattr(layer, layer.base_model_prefix) if layer.base_model_prefix and not layer.is_main else None
        if main is not None:
            own = "" if layer.is_base or not layer.family.prefix else f"{layer.base_model_prefix}."
            yield from _walk(main, prefix + own)
        for name, weight in layer.planned_weights():
            yield prefix + name, weight
        return
    for kind, leaves in _LEAVES.items():
        if isinstance(layer, kind):
            for attribute, leaf in leaves.items():
                variable = getattr(layer, attribute, None) if layer.built else None
                if variable is not None:
                    yield prefix + leaf, Weight(variable, kind is keras.layers.Dense and leaf == "weight")
            return
    # A layer, or a model, of the user's: its attributes are the names.
    for attribute, value in vars(layer).items():
        if attribute.startswith("_"):
            continue
        if isinstance(value, keras.Variable):
            yield prefix + attribute, Weight(value)
        elif isinstance(value, keras.layers.Layer):
            # Where files have no prefix for the base model, its parts are the model's own.
            transparent = isinstance(value, Owner) and value.is_main and not value.family.prefix
            yield from _walk(value, prefix if transparent else f"{prefix}{attribute}.")
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                if isinstance(item, keras.layers.Layer):
                    yield from _walk(item, f"{prefix}{attribute}.{index}.")


def _planned(root: Any, names: NameTable | None, scope: str = "") -> Iterator[tuple[str, Weight]]:
    """Yield the weights of the parts that a layer was made with.

    Args:
        root: the layer.
        names: translates the network's names; None where parts are named by their documented paths.
        scope: the network's name of the layer, with a dot at its end.
    """
    for part, planned in root.plan.items():
        layer = find(root, part)
        if layer is None:
            continue
        if isinstance(layer, keras.Variable):
            yield part, Weight(layer, planned=planned)
            continue
        tied = isinstance(planned, Scorer) and planned.tied
        variables = {"weight": layer.token_embeddings.weight, "bias": layer.bias} if tied else {
            leaf: getattr(layer, attribute)
            for kind, leaves in _LEAVES.items() if isinstance(layer, kind)
            for attribute, leaf in leaves.items()
        }  # fmt: skip
        for leaf, variable in variables.items():
            if variable is None:
                continue
            own = f"{scope}{part}.{leaf}"
            transposed = isinstance(layer, keras.layers.Dense) and leaf == "weight"
            if names is not None and names.is_transposed(own):
                transposed = not transposed
            yield (own if names is None else names.hub_name(own) or own), Weight(variable, transposed, planned)
        if isinstance(planned, Scorer) and planned.shared_bias is not None:
            yield planned.shared_bias, Weight(layer.bias, planned=planned)


def base_weights(main: Any) -> Iterator[tuple[str, Weight]]:
    """Yield the weights of a main layer, and of the stacks in it, by the hub's names, in the order of the family's table."""
    names: NameTable = main.family.names
    found = dict(_planned(main, names))
    for scope in ("encoder", "decoder"):
        if hasattr(main, scope):
            found |= dict(_planned(getattr(main, scope), names, f"{scope}."))
    order = {row.path: place for place, row in enumerate(names.rows)}
    yield from sorted(found.items(), key=lambda item: _place(item[0], order))


def _place(name: str, order: Mapping[str, int]) -> tuple[int, ...]:
    """Return where a weight of the base model stands: the place of its row, and its indices."""
    words = name.rpartition(".")[0].split(".")
    indices = [int(word) for word in words if word.isdigit()]
    return ()


def _registered(names: Iterable[str]) -> Iterator[str]:
    """Yield names in the order of a tree: what an owner has itself comes before what is in its parts."""
    tree: dict[str, Any] = {}
    for name in names:
        *way, leaf = name.split(".")
        at = tree
        for word in way:
            at = at.setdefault(word, {})
        at[leaf] = name
    yield from _leaves(tree)


def _leaves(tree: Mapping[str, Any]) -> Iterator[str]:
    for node in tree.values():
        if isinstance(node, str):
            yield node
    for node in tree.values():
        if not isinstance(node, str):
            yield from _leaves(node)
