"""The weights of a model by the hub's names."""
import re
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
from .documented import TFConv1D
from .embeddings import TFSharedEmbeddings
from .parts import Affine, TokenScorer, attribute, find

_LEAVES: dict[type, dict[str, str]] = {
    keras.layers.Dense: {"kernel": "weight", "bias": "bias"},
    keras.layers.LayerNormalization: {"gamma": "weight", "beta": "bias"},
    keras.layers.RMSNormalization: {"scale": "weight"},
    keras.layers.Embedding: {"embeddings": "weight"},
    Affine: {"gamma": "weight", "beta": "bias"},
    TFConv1D: {"weight": "weight", "bias": "bias"},
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
        scope: the network's name of a main layer in a larger architecture, with a dot at its end.
        plan: the parts that the layer has by itself.
    """

    family: ClassVar[Family]
    base_model_prefix: ClassVar[str] = ""
    is_base: ClassVar[bool] = False
    is_main: ClassVar[bool] = False
    scope: str = ""
    plan: Mapping[str, Planned]


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
    """Return the weights of a model by the hub's names, in the order of its files; tied ones have several names."""
    found = dict(_walk(model, ""))
    return {name: found[name] for name in registered(found)}


def _walk(layer: Any, prefix: str) -> Iterator[tuple[str, Weight]]:
    if isinstance(layer, Owner) and (layer.is_main or hasattr(layer, "plan")):
        if layer.is_main:
            yield from ((prefix + name.removeprefix(layer.scope), weight) for name, weight in base_weights(layer))
            return
        own = "" if layer.is_base or not layer.family.prefix else f"{layer.base_model_prefix}."
        yield from _walk(getattr(layer, layer.base_model_prefix), prefix + own)
        yield from ((prefix + name, weight) for name, weight in planned_weights(layer))
        return
    if isinstance(layer, tuple(_LEAVES)):
        for leaf, variable in _variables(layer):
            yield prefix + leaf, Weight(variable, isinstance(layer, keras.layers.Dense) and leaf == "weight")
        return
    # A layer, or a model, of the user's: its attributes are the names, but for a documented layer's own parts.
    documented: Mapping[str, Weight] = getattr(layer, "own_weights", {})
    yield from ((prefix + name, weight) for name, weight in documented.items())
    parts = {attribute(name.partition(".")[0]) for name in layer.plan} if documented else set()
    for name, value in vars(layer).items():
        if name.startswith("_") or name in parts:
            continue
        if isinstance(value, keras.Variable):
            yield prefix + name, Weight(value)
        elif isinstance(value, keras.layers.Layer):
            # Where files have no prefix for the base model, its parts are the model's own.
            transparent = isinstance(value, Owner) and value.is_main and not value.family.prefix
            yield from _walk(value, prefix if transparent else f"{prefix}{name}.")
        elif isinstance(value, list | tuple):
            for index, item in enumerate(value):
                if isinstance(item, keras.layers.Layer):
                    yield from _walk(item, f"{prefix}{name}.{index}.")


def planned_weights(root: Any, scope: str = "", names: NameTable | None = None) -> Iterator[tuple[str, Weight]]:
    """Yield the weights of the parts that a layer was made with.

    Args:
        root: the layer.
        scope: put before the names of the parts: the network's name of the layer, with a dot at its end.
        names: the family's table, for parts of a base model; those of heads are named by their documented paths.

    Yields:
        The network's name of the weight, and the weight.
    """
    for part, planned in root.plan.items():
        layer, own = find(root, part), scope + part
        if isinstance(layer, keras.Variable):
            yield own, Weight(layer, planned=planned)
        elif isinstance(layer, TokenScorer):
            if hasattr(layer.token_embeddings, "weight"):
                yield f"{own}.weight", Weight(layer.token_embeddings.weight, planned=planned)
            if layer.bias is not None:
                yield f"{own}.bias", Weight(layer.bias, planned=planned)
        elif layer is not None:
            for leaf, variable in _variables(layer):
                transposed = isinstance(layer, keras.layers.Dense) and leaf == "weight"
                stored_so = names is not None and names.is_transposed(f"{own}.{leaf}")
                yield f"{own}.{leaf}", Weight(variable, transposed != stored_so, planned)
        if isinstance(planned, Scorer) and planned.shared_bias is not None:
            yield planned.shared_bias, Weight(layer.bias, planned=planned)


def _variables(layer: Any) -> Iterator[tuple[str, Any]]:
    """Yield the variables of a layer of Keras by the hub's leaves."""
    leaves = next((leaves for kind, leaves in _LEAVES.items() if isinstance(layer, kind)), {})
    for name, leaf in leaves.items():
        variable = getattr(layer, name, None) if layer.built else None
        if variable is not None:
            yield leaf, variable


def base_weights(main: Any) -> Iterator[tuple[str, Weight]]:
    """Yield the weights of a main layer by the hub's names, in the order of the family's table."""
    names: NameTable = main.family.names
    found = dict(planned_weights(main, main.scope, names)) if hasattr(main, "plan") else {}
    if hasattr(main, "shared"):
        found["shared.weight"] = Weight(main.shared.weight, planned=main.encoder.plan["embeddings.tokens"])
    for scope in ("encoder", "decoder"):
        if hasattr(main, scope):
            found |= dict(planned_weights(getattr(main, scope), f"{scope}.", names))
    order = {row.part: index for index, row in enumerate(names.rows)}
    blocks: dict[str, int] = {}
    for part, row in order.items():
        if "{i}" in part:
            blocks.setdefault(part.partition("{i}")[0], row)

    def rank(name: str) -> tuple[int, ...]:
        part = re.sub(r"(?<=\.)\d+(?=\.)", "{i}", name).rpartition(".")[0]
        layer = re.search(r"(?<=\.)\d+(?=\.)", name)
        row = order.get(part, -1)
        return (row,) if layer is None else (blocks[part.partition("{i}")[0]], int(layer[0]), row)

    for name in sorted(found, key=rank):
        yield names.hub_name(name) or name, found[name]


def registered(names: Iterable[str]) -> Iterator[str]:
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


def name_variables(model: Any, class_name: str, prefix: str) -> None:
    """Let the variables bear the documented paths, such as `tf_bert_model/bert/encoder/layer_._0/...`.

    Args:
        model: the model or main layer.
        class_name: a class for which the family's layout knows the paths.
        prefix: put before the names of the weights (`bert.`, where they come without).
    """
    weights = {prefix + name: weight for name, weight in named_weights(model).items()}
    shapes = {name: weight.shape for name, weight in weights.items()}
    layout = model.family.keras_layout
    tied = {
        name
        for name, first in layout.copies.items()
        if name in weights and weights[name].variable is weights[first].variable
    }
    for paths in layout.layers(class_name, shapes, tied).values():
        for path, name in paths.items():
            weights[name].variable._path = f"{model.name}/{path.partition('/')[2].removesuffix(':0')}"
