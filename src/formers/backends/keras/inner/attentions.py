"""Attentions, and layers around them, with documented masks, caches and flags."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from formers.architecture import Layer, Stack
from formers.network.attention import attend_elsewhere
from formers.network.call import Call, LayerCall, Scores
from formers.network.context import GivenContext
from formers.network.documented_caches import documented_present, given_past
from formers.network.flows import run_flow
from formers.network.layer import run_layer

from .. import ops
from .base import TFInnerLayer, flag
from .steps import TFSteps


class TFAttending(TFInnerLayer):
    """Translates the documented arguments of attentions and layers.

    Attributes:
        causal: every query attends to keys up to its own position only.
        gives: type of the result.
    """

    causal: ClassVar[bool] = False
    gives: ClassVar[type] = tuple

    def bias(self, given: Mapping[str, Any]) -> Any:
        """Return what the documented masks add to the scores, or None. *Shape:* `[batch, 1, 1 or query, key]`."""
        return given["attention_mask"]

    def call_of(self, given: Mapping[str, Any]) -> LayerCall:
        """Return the call of a layer for documented arguments."""
        cache = given_past(ops, given.get("layer_past"), flag(given.get("use_cache")))
        return LayerCall(
            {"attention": Scores(self.bias(given), self.causal)},
            caches=None if cache is None else {"attention": cache},
            head_mask=given["head_mask"],
            want_weights=flag(given["output_attentions"]),
        )

    def write(self, y: Any, call: LayerCall, weights: tuple[Any, ...]) -> Any:
        """Return the documented result: the states, keys and values where there is a cache, and the weights."""
        present = (documented_present(ops, call.cache("attention")),) if "use_cache" in self.arguments else ()
        return self.gives((y, *present, *weights))


class TFAttentionSteps(TFAttending, TFSteps):
    """Steps of a sublayer with attention; keys and values may be made of other states than queries."""

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        call, spec = self.call_of(given), self.spec
        x = given["query"] if "query" in given else given[self.arguments[0]]
        key, value, inner = given.get("key", x), given.get("value", x), call
        if key is not x or value is not x:
            spec, inner = attend_elsewhere(ops, self.parts(training), spec, key, value, call)
        _, y, weights = self.steps(x, x, inner, training, spec)
        return self.write(y, call, () if weights is None else (weights,))


class TFAttentionLayer(TFAttending):
    """A layer."""

    spec: Layer

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        call = self.call_of(given)
        x, weights = run_layer(ops, self.parts(training), self.spec, given[self.arguments[0]], call)
        return self.write(x, call, weights)


class TFLayers(TFAttending):
    """All layers of a stack; the head mask has an entry for each, which may be None."""

    spec: Stack

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        layer = self.call_of(given)
        call = Call(want_weights=layer.want_weights, want_states=flag(given["output_hidden_states"]))
        context: Any = GivenContext(replace(layer, head_mask=None), layer.head_mask)
        x = given[self.arguments[0]]
        return run_flow(ops, self.parts(training), self.spec, x, call, context).documented()
