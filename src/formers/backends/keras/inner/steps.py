"""Steps of a sublayer."""
from collections.abc import Mapping
from typing import Any, ClassVar

from formers.architecture import Sublayer
from formers.network.call import LayerCall
from formers.network.layer import Computed, Step, run_steps

from .. import ops
from .base import TFInnerLayer


class TFSteps(TFInnerLayer):
    """The steps from `first_step` to `last_step` of a sublayer, of one tensor. *Shape:* `[batch, seq, ...]`."""

    first_step: ClassVar[Step] = Step.BEFORE
    last_step: ClassVar[Step] = Step.AFTER
    spec: Sublayer

    def steps(self, x: Any, y: Any, call: LayerCall, training: bool, spec: Sublayer | None = None) -> Computed:
        """Compute the steps; see `network.layer.run_steps`."""
        parts = self.parts(training)
        return run_steps(ops, parts, spec or self.spec, x, y, call, self.first_step, self.last_step)

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        (x,) = given.values()
        return self.steps(x, x, LayerCall(), training)[1]


class TFFinish(TFSteps, arguments=("hidden_states", "input_tensor")):
    """The steps after the mixing: what was mixed and the residual stream, to the new states."""

    first_step = Step.PROJECT

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        y, x = given.values()
        return self.steps(x, y, LayerCall(), training)[0]
