"""Containers of layers, of all layers of a stack, of stacks and of embeddings."""
from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import Embeddings, Layer, Stack
from formers.network import embeddings, flows, stack
from formers.network.call import Call, LayerCall, StackOutput
from formers.network.context import Context
from formers.network.layer import run_layer

from .. import ops
from ..constants import embeddings_constants
from ..tree import Parts, Tree, find
from .base import Container, Entrance, is_plain


class LayerEntrance(Entrance):
    """A layer of a stack."""

    __slots__ = ("spec",)
    spec: Layer

    def as_layer(self, default: Layer) -> LayerEntrance:
        """Return the layer with its spec, `default` where the module says none."""
        spec = getattr(self.module, "spec", None)
        self.spec = spec if isinstance(spec, Layer) else default
        return self

    def is_untouched(self) -> bool:
        """Tell whether nobody looks at the layer or a container in it."""
        return all(is_plain(module) for module in self.module.modules() if isinstance(module, Container)) and is_plain(
            self.module
        )

    def run(self, x: Tensor, call: LayerCall) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Compute the layer."""
        return self.enter(x, call)


class LayerContainer(Container):
    """A layer."""

    entrance = LayerEntrance
    spec: Layer

    def compute(self, x: Any, call: LayerCall) -> Any:
        """Compute the layer; see `network.layer.run_layer`."""
        return run_layer(ops, self.parts, self.spec, x, call)

    def write(self, computed: Any, given: Any) -> Any:
        """See `Container.write`."""
        x, weights = computed
        return (x, *weights)

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result[0], tuple(result[1:])


class LayersEntrance(Entrance):
    """All layers of a stack."""

    __slots__ = ()

    def flow(self, spec: Stack, x: Tensor, call: Call, context: Context) -> StackOutput:
        """Run the layers."""
        return self.enter(spec, x, call, context)


class LayersContainer(Container):
    """The layers of a stack, without embeddings."""

    entrance = LayersEntrance
    spec: Stack

    def compute(self, spec: Stack, x: Any, call: Call, context: Context) -> StackOutput:
        """Run the layers; see `network.flows`."""
        return flows.run_flow(ops, self.parts, self.spec, x, call, context)

    def write(self, computed: StackOutput, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        return computed.documented()

    @classmethod
    def parse(cls, result: Any, spec: Stack, x: Any, call: Call, context: Context) -> StackOutput:
        """See `Container.parse`."""
        rest = [*result[1:]]
        states = tuple(rest.pop(0))[:-1] if call.want_states else None
        return StackOutput(result[0], states, tuple(rest.pop(0)) if call.want_weights else None)


def documented_head_masks(context: Context) -> Any:
    """Return the documented head masks of all layers: one tensor, or a list of None where none was given.

    *Shape:* `[layers, 1, heads, 1, 1]`; a list also where layers differ.
    """
    masks = list(context.head_masks)
    if not masks:
        return [None] * context.parts.layer_count(context.stack)
    alike = all(isinstance(mask, Tensor) and mask.shape == masks[0].shape for mask in masks)
    return torch.stack(masks) if alike else masks


class StackEntrance(Entrance):
    """A stack of a larger model."""

    __slots__ = ()

    def run(self, call: Call) -> StackOutput:
        """Run the stack."""
        return self.enter(call)


class StackContainer(Container):
    """A stack of a larger model, with its embeddings."""

    entrance = StackEntrance
    spec: Stack
    constants: Mapping[str, Any] = {}

    @property
    def parts(self) -> Parts:
        """The parts, as they are in the tree now."""
        return Parts(self, self.table, self.constants)

    def compute(self, call: Call, context: Any = Context) -> StackOutput:
        """Run the stack; see `network.stack`."""
        return self.run_as(self.spec, call, context)

    def run_as(self, spec: Stack, call: Call, context: Any) -> StackOutput:
        """Run the stack as another spec says."""
        return stack.run_stack(ops, self.parts, spec, call, context)

    def get_input_embeddings(self) -> nn.Module:
        """Return the token embeddings."""
        return self.parts.below("embeddings")("tokens")

    def set_input_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace the token embeddings."""
        *way, leaf = self.parts.below("embeddings").table.paths["tokens"]
        setattr(find(self, tuple(way)), leaf, new_embeddings)


class EmbeddingsEntrance(Entrance):
    """The embeddings of a stack."""

    __slots__ = ()

    def embed(self, call: Call, start: Any) -> Tensor:
        """Embed."""
        return self.enter(call, start)


class EmbeddingsContainer(Container):
    """The embeddings of a stack."""

    entrance = EmbeddingsEntrance
    spec: Embeddings
    constants: Mapping[str, Any] = {}

    def settle(self, tree: Tree, scope: str, path: str, spec: Any, config: Any) -> None:
        """See `Container.settle`."""
        super().settle(tree, scope, path, spec, config)
        self.constants = embeddings_constants(spec)

    @property
    def parts(self) -> Parts:
        """The parts, as they are in the tree now."""
        return Parts(self, self.table, self.constants)

    def compute(self, call: Call, start: Any) -> Tensor:
        """Embed; see `network.embeddings`."""
        return embeddings.embed(ops, self.parts, self.spec, call, start)

    def write(self, computed: Tensor, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result
