"""The parts of a model as the network finds them: weights of a graph, under the names that checkpoint files have."""
from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from formers.architecture import Layer, SingleStack, Sinusoid, Stack
from formers.architecture.buckets import bucket_of_distance
from formers.architecture.names import NameTable
from formers.architecture.norms import Norm, RMSNorm
from formers.architecture.sinusoids import sinusoids
from formers.network.call import LayerCall
from formers.network.layer import run_layer
from formers.network.weights import (
    Embedding,
    FixedBias,
    Linear,
    Normalization,
    Scorer,
    Sinusoids,
    Weight,
    pooler_weights,
    stack_weights,
)

from .graph import Graph, Symbol

TOKENS = "embeddings.tokens"


@dataclass(frozen=True)
class Stored:
    """A part of a model, and where its weights are in files.

    Attributes:
        spec: what it is.
        weight, bias: names of its tensors; None where it has none.
        in_out: the weight is stored as `[in, out]`.
        copies: names under which files may have tied copies of tensors -> the names of these.
    """

    spec: Weight
    weight: str | None = None
    bias: str | None = None
    in_out: bool = False
    copies: Mapping[str, str] = field(default_factory=dict)

    def shapes(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        """Yield the names of the tensors with their shapes."""
        match self.spec:
            case Linear(inputs, outputs):
                shape: tuple[int, ...] = (inputs, outputs) if self.in_out else (outputs, inputs)
                width = outputs
            case Embedding(rows, size) | Sinusoids(rows, size):
                shape, width = (rows, size), 0
            case Normalization(_, size):
                shape, width = (size,), size
            case FixedBias(size):
                shape, width = (1, size), 0
            case _:
                return
        if self.weight is not None:
            yield self.weight, shape
        if self.bias is not None:
            yield self.bias, (width,)


def stored_base(spec: SingleStack, names: NameTable, prefix: str) -> dict[str, Stored]:
    """Return the parts of a base model by the network's names.

    Args:
        spec: the architecture.
        names: the family's names.
        prefix: what stands before the names in the files of a model with heads, or nothing.

    Raises:
        ValueError: the family's table lacks a part.
    """
    weights = [*stack_weights(spec.stack, spec.init)]
    if spec.pooler is not None:
        inner = pooler_weights(spec.pooler, spec.stack.hidden, spec.init)
        weights += [(f"pooler.{name}", weight) for name, weight in inner]

    def located(name: str) -> str:
        found = names.hub_name(name)
        if found is None:
            raise ValueError(f"the family's table of names has no row for {name}: add one")
        return prefix + found

    return {
        part: _stored(weight, located(part), names.is_transposed(f"{part}.weight"))
        for part, weight in weights
        if _has_tensors(weight)
    }


def stored_heads(weights: Iterable[tuple[str, Weight]], tokens: Stored) -> dict[str, Stored]:
    """Return the parts of heads by their paths.

    Args:
        weights: the parts.
        tokens: the token embeddings, whose weight others share.
    """
    found = {}
    for path, weight in weights:
        if not _has_tensors(weight):
            continue
        found[path] = stored = _stored(weight, path, False)
        if isinstance(weight, Scorer):
            shared = tokens.weight if weight.tied else stored.weight
            bias = stored.bias if weight.shared_bias is None else weight.shared_bias
            pairs = ((stored.weight, shared), (stored.bias, bias))
            copies = {copy: name for copy, name in pairs if copy is not None and name is not None and copy != name}
            found[path] = Stored(weight, shared, bias, copies=copies)
        elif isinstance(weight, FixedBias):
            found[path] = Stored(weight, path)
    return found


def _has_tensors(weight: Weight) -> bool:
    return isinstance(weight, Linear | Embedding | Sinusoids | Normalization | FixedBias)


def _stored(weight: Weight, path: str, in_out: bool) -> Stored:
    match weight:
        case Linear(bias=bias):
            has_bias = bias
        case Normalization(norm):
            has_bias = not isinstance(norm, RMSNorm)
        case _:
            has_bias = False
    return Stored(weight, f"{path}.weight", f"{path}.bias" if has_bias else None, in_out)


class Part:
    """A part of a model in a graph.

    Attributes:
        weight: its weight.
        bias: its bias, or None.
        in_out: the weight of a linear layer is `[in, out]`.
    """

    __slots__ = ("_spec", "bias", "graph", "in_out", "weight")

    def __init__(self, graph: Graph, stored: Stored):
        self.graph, self._spec, self.in_out = graph, stored.spec, stored.in_out
        tensors: list[Symbol] = [graph.weight(name, shape) for name, shape in stored.shapes()]
        self.weight = tensors[0]
        self.bias = tensors[1] if len(tensors) > 1 else None

    @property
    def norm(self) -> Norm:
        """The norm that it is."""
        assert isinstance(self._spec, Normalization)
        return self._spec.norm

    @property
    def offset(self) -> int:
        """The number of rows of embeddings that no position has."""
        return self._spec.offset if isinstance(self._spec, Embedding) else 0


class Parts:
    """The parts of a scope (a model, a stack, a layer, a sublayer). Nothing stands in the place of any of them.

    Args:
        ops: the operations of the backend.
        graph: where they compute.
        stored: all parts of the model, by the network's names.
        constants: values that follow from the spec alone, by the network's names.
        scope: the network's name of the scope; empty for the model.
    """

    training = False
    whole = None
    containers: Mapping[int, Any] = {}

    def __init__(
        self,
        ops: Any,
        graph: Graph,
        stored: Mapping[str, Stored],
        constants: Mapping[str, np.ndarray] | None = None,
        scope: str = "",
    ):
        self.ops, self.graph, self.stored, self.constants = ops, graph, stored, constants or {}
        self.prefix = f"{scope}." if scope else ""

    def __call__(self, name: str) -> Part | None:
        """Return a part; None if it has no weights."""
        found = self.stored.get(self.prefix + name)
        return None if found is None else Part(self.graph, found)

    def below(self, name: str) -> Parts:
        """Return the parts of an inner scope."""
        return Parts(self.ops, self.graph, self.stored, self.constants, self.prefix + name)

    def constant(self, name: str) -> np.ndarray | None:
        """Return a value that follows from the spec alone; None if there is none of the name."""
        return self.constants.get(self.prefix + name)

    def container(self, step: int, spec: Any) -> None:
        """Return None: steps of a sublayer have no container."""

    def layers(self, stack: Stack) -> list[LayerParts]:
        """Return the layers of a stack in the order in which they compute."""
        return [LayerParts(stack.layers[index], self.below(f"layers.{index}")) for index in stack.steps]

    def layer_count(self, stack: Stack) -> int:
        """Return the number of layers that compute."""
        return len(stack.steps)

    def checkpointing(self, stack: Stack) -> bool:
        """Tell that no layer is computed again: there is no backward pass."""
        return False


class LayerParts:
    """A layer.

    Args:
        spec: what it is.
        parts: its parts.
    """

    def __init__(self, spec: Layer, parts: Parts):
        self.spec, self.parts = spec, parts

    def is_untouched(self) -> bool:
        """Tell that nobody looks at, or changes, what goes into it and comes out."""
        return True

    def run(self, x: Symbol, call: LayerCall) -> tuple[Any, tuple[Any, ...]]:
        """Compute it; see `network.layer.run_layer`."""
        return run_layer(self.parts.ops, self.parts, self.spec, x, call)


class HeadParts(Parts):
    """The parts of heads, by the paths of their steps. None of them is in a container."""

    @property
    def token_embeddings(self) -> Part:
        """The token embeddings, which some heads score with."""
        return Part(self.graph, self.stored[TOKENS])

    def container_of(self, step: Any) -> None:
        """Return None: no step is in a container."""

    def reading_container(self, head: Any) -> None:
        """Return None: no container reads the states by itself."""

    def joint_container(self, heads: Any) -> None:
        """Return None: no container computes all heads at once."""


def stack_constants(stack: Stack) -> dict[str, np.ndarray]:
    """Compute the values that follow from a stack's spec alone, by the network's names."""
    found: dict[str, np.ndarray] = {}
    positions = stack.embeddings.positions
    if isinstance(positions, Sinusoid) and not positions.stored:
        found["embeddings.positions"] = sinusoids(positions.size, stack.embeddings.tokens.size, positions.layout)
    for name, bias in (("position_bias", stack.position_bias), ("cross_position_bias", stack.cross_position_bias)):
        if bias is not None:
            found[f"{name}.buckets"] = bucket_of_distance(bias)
    return found
