"""What the blocks of a stack need in one call: masks and biases, once for each distinct block; caches; head masks."""
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from formers.architecture import Bucketed, CrossAttention, FeedForward, Layer, SelfAttention, Stack

from .call import Call, LayerCall, Scores
from .masks import cross_scores, self_scores
from .position_bias import position_bias


class Context:
    """What the layers of a stack need besides the states.

    Args:
        ops: the operations of the backend.
        parts: the parts of the stack.
        stack: what it is.
        call: what it is called with.
        hidden: the first hidden states. *Shape:* `[batch, seq, hidden]`.
    """

    def __init__(self, ops: Any, parts: Any, stack: Stack, call: Call, hidden: Any):
        self.ops, self.parts, self.stack, self.call, self.hidden = ops, parts, stack, call, hidden
        self.past = call.cache.length if call.cache is not None else 0
        length = ops.size(hidden, 1)
        self.mask = ops.checked_mask(call.attention_mask, hidden, self.past + length, "attention_mask")
        self.encoder_mask = None
        if call.encoder_states is not None:
            encoded = ops.size(call.encoder_states, 1)
            self.encoder_mask = ops.checked_mask(
                call.encoder_mask, call.encoder_states, encoded, "encoder_attention_mask"
            )
        self.head_masks: Sequence[Any] = ()
        if call.head_mask is not None:
            self.head_masks = ops.head_masks(call.head_mask, parts.layer_count(stack), hidden)
        self._scores: dict[Any, Scores] = {}
        self._of_layer: dict[int, dict[str, Scores]] = {}  # by the identity of a layer's spec

    def of_layer(self, spec: Layer, index: int) -> LayerCall:
        """Return what a layer needs besides the states.

        Args:
            spec: the layer.
            index: its index.
        """
        call = self.call
        scores = self._of_layer.get(id(spec))
        if scores is None:
            attentions = ((s.name, s.block) for s in spec.sublayers if not isinstance(s.block, FeedForward))
            scores = self._of_layer[id(spec)] = {name: self.scores(block) for name, block in attentions}
        return LayerCall(
            scores=scores,
            source=call.encoder_states,
            caches=None if call.cache is None else call.cache.of_layer(index),
            head_mask=self.head_masks[index] if self.head_masks else None,
            want_weights=call.want_weights,
        )

    def scores(self, block: SelfAttention | CrossAttention) -> Scores:
        """Return what happens to the scores of an attention; blocks that are masked alike share it."""
        if isinstance(block, SelfAttention):
            key: Any = (block.mask, block.causal)
        else:
            if self.call.encoder_states is None:
                return Scores()
            key = block.mask
        found = self._scores.get(key)
        if found is None:
            found = self._scores[key] = self._compute(block)
        return found

    def _compute(self, block: SelfAttention | CrossAttention) -> Scores:
        ops, length = self.ops, self.ops.size(self.hidden, 1)
        if isinstance(block, SelfAttention):
            bias = self.position_bias("position_bias", self.stack.position_bias, length, self.past + length)
            return self_scores(ops, block, self.mask, bias, self.hidden, self.past)
        keys = ops.size(self.call.encoder_states, 1)
        bias = self.position_bias("cross_position_bias", self.stack.cross_position_bias, length, keys)
        return cross_scores(ops, block, self.encoder_mask, bias, self.hidden)

    def position_bias(self, name: str, spec: Bucketed | None, queries: Any, keys: Any) -> Any:
        """Return the bias of the positions on the scores, or None. *Shape:* `[1, heads, queries, keys]`."""
        if spec is None:
            return None
        return position_bias(self.ops, self.parts.below(name), spec, self.past, queries, keys, self.hidden)


@dataclass
class GivenContext:
    """What the layers of a stack need besides the states, as a caller of all layers gives it.

    Attributes:
        call: what each layer is called with.
        head_masks: a head mask for each layer, or None.
    """

    call: LayerCall
    head_masks: Any = None

    def of_layer(self, spec: Layer, index: int) -> LayerCall:
        """Return what a layer needs besides the states."""
        return replace(self.call, head_mask=None if self.head_masks is None else self.head_masks[index])
