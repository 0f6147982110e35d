"""Containers of steps of a sublayer."""
from __future__ import annotations

from typing import Any, ClassVar

from torch import Tensor

from formers.architecture import Sublayer
from formers.network.call import LayerCall
from formers.network.layer import Computed, Step, run_steps

from .. import ops
from .base import Container, Entrance, is_plain


class StepsEntrance(Entrance):
    """Steps of a sublayer."""

    __slots__ = ()

    @property
    def last(self) -> int:
        """The last step."""
        return self.kind.last_step

    def run(self, spec: Sublayer, x: Tensor, y: Tensor, call: LayerCall) -> Computed:
        """Compute the steps."""
        return self.enter(x, y, call, spec)


class Steps(Container):
    """A container of steps of a sublayer, from `first_step` to `last_step`."""

    first_step: ClassVar[Step] = Step.BEFORE
    last_step: ClassVar[Step] = Step.AFTER
    entrance = StepsEntrance
    spec: Sublayer

    @classmethod
    def entered(cls, module: Any, training: bool | None = None) -> Any:
        """Return how what stands in the place of the container is called, or None to compute its steps as they are.

        None is for a container as the library made it: nobody sees the difference, and it takes less time.
        """
        if module is None or (is_plain(module) and module.training is training):
            return None
        return cls.entrance(cls, module)

    def compute(self, x: Any, y: Any, call: LayerCall, spec: Sublayer | None = None) -> Computed:
        """Compute the steps; see `network.layer.run_steps`.

        `spec` is that of the place; where an attention of that kind stands, it is computed by the container's spec,
        which knows what was pruned.
        """
        if spec is None or spec.name == self.spec.name:
            spec = self.spec
        return run_steps(ops, self.parts, spec, x, y, call, self.first_step, self.last_step)

    def write(self, computed: Computed, given: Any) -> Any:
        """See `Container.write`."""
        _, y, weights = computed
        return (y,) if weights is None else (y, weights)


class Update(Steps):
    """A container of steps that takes and gives one tensor. *Shape:* `[batch, seq, ...]`."""

    def read(self, hidden_states: Tensor) -> Any:
        """See `Container.read`."""
        return hidden_states, hidden_states, LayerCall()

    def write(self, computed: Computed, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed[1]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return (x if cls.first_step == Step.BEFORE else y,)

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> Computed:
        """See `Container.parse`."""
        return (result if cls.last_step >= Step.ADD else x), result, None


class Finish(Steps):
    """A container of the steps after the mixing: `(hidden_states, input_tensor)` to the new states."""

    first_step, last_step = Step.PROJECT, Step.AFTER

    def read(self, hidden_states: Tensor, input_tensor: Tensor) -> Any:
        """See `Container.read`."""
        return input_tensor, hidden_states, LayerCall()

    def write(self, computed: Computed, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed[0]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return y, x[:, :1] if call.first_only and y.shape[1] == 1 else x

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Computed:
        """See `Container.parse`."""
        return result, result, None
