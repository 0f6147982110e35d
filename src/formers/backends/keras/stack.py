"""Layers and stacks of layers."""
import logging
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from formers.architecture import Init, Norm, SelfAttention, Stack, Sublayer
from formers.architecture import Layer as LayerSpec

from .attention import Attention
from .caches import Cache, KeyValues
from .construction import drop, dropout
from .embeddings import Embeddings, TFSharedEmbeddings
from .feedforward import FeedForward
from .masks import causal_mask, head_masks, padding_mask
from .norms import build_norm
from .position_bias import PositionBias

logger = logging.getLogger(__name__)


class Layer(keras.layers.Layer):
    """One layer: attention, cross-attention where the spec has it, feed-forward, each in the residual stream.

    Args:
        spec: the layer's blocks.
        hidden: width of the residual stream.
        init: where fresh weights come from.
        name: name of the layer.
    """

    def __init__(self, spec: LayerSpec, hidden: int, init: Init, name: str):
        super().__init__(name=name)
        self.spec = spec
        self.attention = Attention(spec.attention.block, hidden, init, "attention")  # type: ignore[arg-type]
        self.attention_LayerNorm = _norm(spec.attention, hidden, "attention_LayerNorm")
        self.attention_dropout = dropout(spec.attention.dropout)
        across = spec.cross_attention
        if across is not None:
            self.cross_attention = Attention(across.block, hidden, init, "cross_attention")  # type: ignore[arg-type]
            self.cross_attention_LayerNorm = _norm(across, hidden, "cross_attention_LayerNorm")
            self.cross_attention_dropout = dropout(across.dropout)
        self.feed_forward = FeedForward(
            spec.feed_forward.block, hidden, init, "feed_forward"  # type: ignore[arg-type]
        )
        self.feed_forward_LayerNorm = _norm(spec.feed_forward, hidden, "feed_forward_LayerNorm")
        self.feed_forward_dropout = dropout(spec.feed_forward.dropout)
        self.built = True

    def call(
        self,
        hidden: Any,
        hiding: Any | None = None,
        head_factor: Any | None = None,
        encoder_hidden_states: Any | None = None,
        hiding_across: Any | None = None,
        want_weights: bool = False,
        caches: tuple[KeyValues, KeyValues] | None = None,
        training: bool = False,
    ) -> tuple[Any, Any]:
        """Compute the layer.

        Args:
            hidden: *Shape:* `[batch, seq, hidden]`.
            hiding, hiding_across: added to the scores. *Shape:* broadcasts to `[batch, heads, seq, key]`.
            head_factor: factor on the attention weights. *Shape:* `[1, heads, 1, 1]`.
            encoder_hidden_states: *Shape:* `[batch, key, hidden]`.
            want_weights: give the attention weights too.
            caches: keys and values of the attention to earlier positions, and of that to the encoder.
            training: drop values.

        Returns:
            The new states, and the weights of the attention to the sequence itself or None.
        """
        weights = None
        own, across = caches if caches is not None else (None, None)

        def attend(x: Any) -> Any:
            nonlocal weights
            output, weights = self.attention(
                x, hiding=hiding, head_factor=head_factor, want_weights=want_weights, cache=own, training=training
            )
            return output

        def attend_across(x: Any) -> Any:
            return self.cross_attention(
                x, source=encoder_hidden_states, hiding=hiding_across, head_factor=head_factor, cache=across,
                training=training,
            )[0]  # fmt: skip

        def feed(x: Any) -> Any:
            return self.feed_forward(x, training=training)

        hidden = _residual(
            hidden, attend, self.spec.attention, self.attention_LayerNorm, self.attention_dropout, training
        )
        if encoder_hidden_states is not None and self.spec.cross_attention is not None:
            norm, dropper = self.cross_attention_LayerNorm, self.cross_attention_dropout
            hidden = _residual(hidden, attend_across, self.spec.cross_attention, norm, dropper, training)
        hidden = _residual(
            hidden, feed, self.spec.feed_forward, self.feed_forward_LayerNorm, self.feed_forward_dropout, training
        )
        return hidden, weights


def _norm(sublayer: Sublayer, hidden: int, name: str) -> keras.layers.Layer:
    norms: list[Norm] = [norm for norm in (sublayer.before, sublayer.after) if norm is not None]
    if len(norms) != 1:
        raise NotImplementedError(f"a sublayer needs one norm, before or after its block; {sublayer!r} has not")
    return build_norm(norms[0], hidden, name)


def _residual(x: Any, block: Callable[[Any], Any], spec: Sublayer, norm: Any, dropper: Any, training: bool) -> Any:
    update = drop(dropper, block(norm(x) if spec.before is not None else x), training)
    return norm(x + update) if spec.after is not None else x + update


class StackBlocks(keras.layers.Layer):
    """Embeddings, layers and final norm of a stack, and how they run."""

    stack: Stack

    def build_stack(self, stack: Stack, init: Init, tokens: TFSharedEmbeddings | None = None) -> None:
        """Create the blocks, with fresh weights from `init`, around a table of words if there is one already."""
        if stack.checkpointing:
            logger.warning("gradient_checkpointing has no effect on Keras models: training needs its full memory")
        self.stack = stack
        self.embeddings = Embeddings(stack.embeddings, init, tokens)
        self.position_bias = self.cross_position_bias = None
        first = stack.layers[0] if stack.layers else None
        if stack.position_bias is not None and first is not None:
            heads = first.attention.block.heads  # type: ignore[union-attr]
            self.position_bias = PositionBias(stack.position_bias, heads, stack.hidden, init, "position_bias")
        if stack.cross_position_bias is not None and first is not None and first.cross_attention is not None:
            heads = first.cross_attention.block.heads  # type: ignore[union-attr]
            self.cross_position_bias = PositionBias(
                stack.cross_position_bias, heads, stack.hidden, init, "cross_position_bias"
            )
        self.layers = [Layer(layer, stack.hidden, init, f"layers_{i}") for i, layer in enumerate(stack.layers)]
        self.LayerNorm = build_norm(stack.final_norm, stack.hidden, "LayerNorm") if stack.final_norm else None
        self.dropout = dropout(stack.dropout)

    def run_stack(
        self,
        input_ids: Any | None = None,
        attention_mask: Any | None = None,
        token_type_ids: Any | None = None,
        position_ids: Any | None = None,
        head_mask: Any | None = None,
        inputs_embeds: Any | None = None,
        encoder_hidden_states: Any | None = None,
        encoder_attention_mask: Any | None = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        cache: Cache | None = None,
        start: Any | None = None,
        training: bool = False,
    ) -> tuple[Any, tuple[Any, ...] | None, tuple[Any, ...] | None]:
        """Embed and run all layers.

        Args:
            input_ids: *Shape:* `[batch, seq]`.
            attention_mask: 1 for visible, 0 for hidden positions, those in the cache included.
                *Shape:* `[batch, key]` or `[batch, seq, key]`.
            token_type_ids, position_ids: *Shape:* `[batch, seq]`.
            head_mask: see `head_masks`.
            inputs_embeds: in place of `input_ids`. *Shape:* `[batch, seq, hidden]`.
            encoder_hidden_states: *Shape:* `[batch, encoder seq, hidden]`.
            encoder_attention_mask: *Shape:* `[batch, encoder seq]`.
            output_attentions, output_hidden_states: give them.
            cache: earlier positions; the new ones are added to it.
            start: the first position of the input; what the cache holds comes before it by default.
            training: drop values.

        Returns:
            Last hidden states, *shape* `[batch, seq, hidden]`; all hidden states, from the embeddings on, if asked for;
            all attention weights if asked for.
        """
        _check_inputs(input_ids, inputs_embeds)
        past = cache.length if cache is not None else 0
        hidden = self.embeddings(
            input_ids,
            inputs_embeds=inputs_embeds,
            token_type_ids=token_type_ids,
            position_ids=position_ids,
            start=past if start is None else start,
            training=training,
        )
        hiding = self._hiding(attention_mask, hidden, past, cache)
        across = None
        if encoder_hidden_states is not None:
            across = self._hiding_across(encoder_attention_mask, encoder_hidden_states, past, hidden)
        all_states: tuple[Any, ...] = ()
        all_weights: tuple[Any, ...] = ()
        masks = head_masks(head_mask, len(self.layers), self.compute_dtype)
        for number, (layer, head_factor) in enumerate(zip(self.layers, masks, strict=True)):
            if output_hidden_states:
                all_states += (hidden,)
            new, weights = layer(
                hidden,
                hiding=hiding,
                head_factor=head_factor,
                encoder_hidden_states=encoder_hidden_states,
                hiding_across=across,
                want_weights=output_attentions,
                caches=(cache.own[number], cache.across[number]) if cache is not None else None,
                training=training,
            )
            if training and self.stack.layer_dropout:
                new = ops.where(keras.random.uniform(()) < self.stack.layer_dropout, hidden, new)
            hidden = new
            if output_attentions:
                all_weights += (weights,)
        if self.LayerNorm is not None:
            hidden = self.LayerNorm(hidden)
        hidden = drop(self.dropout, hidden, training)
        if output_hidden_states and self.stack.states == "inputs and last":
            all_states += (hidden,)
        return hidden, all_states if output_hidden_states else None, all_weights if output_attentions else None

    def _hiding(self, attention_mask: Any | None, hidden: Any, past: Any, cache: Cache | None) -> Any | None:
        """What is added to the scores of the attention to the sequence itself."""
        if not self.stack.layers:
            return None
        attention: SelfAttention = self.stack.layers[0].attention.block  # type: ignore[assignment]
        length = ops.shape(hidden)[1]
        keys = past + length
        if attention_mask is not None:
            _check_mask("attention_mask", attention_mask, hidden.shape[0], keys)
        # A single query may look at everything that is there.
        ahead = attention.causal and not (isinstance(length, int) and length == 1 and isinstance(past, int))
        if ahead and (attention_mask is None or len(attention_mask.shape) == 2):
            visible = causal_mask(length, keys, past)
            attention_mask = (
                visible if attention_mask is None else visible * ops.cast(attention_mask, "int32")[:, None, :]
            )
        hiding = None
        if attention_mask is not None:
            hiding = padding_mask(attention_mask, attention.mask, self.compute_dtype)
        if self.position_bias is not None:
            bias = self.position_bias(start=past, queries=length, keys=keys)
            hiding = bias if hiding is None else bias + hiding
        return hiding

    def _hiding_across(self, mask: Any | None, encoded: Any, past: Any, hidden: Any) -> Any | None:
        """What is added to the scores of the attention to the encoder."""
        first = self.stack.layers[0].cross_attention if self.stack.layers else None
        if first is None:
            return None
        hiding = None
        if mask is not None:
            _check_mask("encoder_attention_mask", mask, encoded.shape[0], encoded.shape[1])
            hiding = padding_mask(mask, first.block.mask, self.compute_dtype)  # type: ignore[union-attr]
        if self.cross_position_bias is not None:
            bias = self.cross_position_bias(
                start=past, queries=ops.shape(hidden)[1], keys=ops.shape(encoded)[1]
            )
            hiding = bias if hiding is None else bias + hiding
        return hiding


def _check_inputs(input_ids: Any | None, inputs_embeds: Any | None) -> None:
    if (input_ids is None) == (inputs_embeds is None):
        given = "neither" if input_ids is None else "both"
        raise ValueError(f"You have to specify either input_ids or inputs_embeds: found {given}")
    if input_ids is not None and len(input_ids.shape) != 2:
        raise ValueError(f"input_ids has shape {tuple(input_ids.shape)}; expected [batch, seq]")
    if inputs_embeds is not None and len(inputs_embeds.shape) != 3:
        raise ValueError(f"inputs_embeds has shape {tuple(inputs_embeds.shape)}; expected [batch, seq, hidden]")


def _check_mask(name: str, mask: Any, batch: int | None, length: Any) -> None:
    wrong_batch = None not in (batch, mask.shape[0]) and mask.shape[0] not in (1, batch)
    wrong_length = isinstance(length, int) and mask.shape[-1] is not None and mask.shape[-1] != length
    if len(mask.shape) not in (2, 3) or wrong_batch or wrong_length:
        raise ValueError(
            f"{name} has shape {tuple(mask.shape)}; expected [{batch}, {length}] (or [{batch}, query, {length}])"
        )
