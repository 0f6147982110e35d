"""Layers and stacks of layers."""
import logging
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from formers.architecture import Layer as LayerSpec
from formers.architecture import Norm, SelfAttention, Stack, Sublayer

from .attention import Attention
from .construction import drop, dropout
from .embeddings import Embeddings
from .feedforward import FeedForward
from .masks import causal_mask, head_masks, padding_mask
from .norms import build_norm

logger = logging.getLogger(__name__)


class Layer(keras.layers.Layer):
    """One layer: attention and feed-forward, each in the residual stream.

    Args:
        spec: the layer's blocks.
        hidden: width of the residual stream.
        std: standard deviation of fresh weights.
        name: name of the layer.
    """

    def __init__(self, spec: LayerSpec, hidden: int, std: float, name: str):
        super().__init__(name=name)
        if spec.cross_attention is not None:
            raise NotImplementedError("the Keras backend has no cross-attention: load the model with PyTorch")
        self.spec = spec
        self.attention = Attention(spec.attention.block, hidden, std, "attention")  # type: ignore[arg-type]
        self.attention_LayerNorm = _norm(spec.attention, hidden, "attention_LayerNorm")
        self.attention_dropout = dropout(spec.attention.dropout)
        self.feed_forward = FeedForward(
            spec.feed_forward.block, hidden, std, "feed_forward"  # type: ignore[arg-type]
        )
        self.feed_forward_LayerNorm = _norm(spec.feed_forward, hidden, "feed_forward_LayerNorm")
        self.feed_forward_dropout = dropout(spec.feed_forward.dropout)
        self.built = True

    def call(
        self,
        hidden: Any,
        hiding: Any | None = None,
        head_factor: Any | None = None,
        want_weights: bool = False,
        training: bool = False,
    ) -> tuple[Any, Any]:
        """Compute the layer.

        Args:
            hidden: *Shape:* `[batch, seq, hidden]`.
            hiding: added to the scores. *Shape:* `[batch, 1, 1 or seq, seq]`.
            head_factor: factor on the attention weights. *Shape:* `[1, heads, 1, 1]`.
            want_weights: give the attention weights too.
            training: drop values.

        Returns:
            The new states, and the weights or None.
        """
        weights = None

        def attend(x: Any) -> Any:
            nonlocal weights
            output, weights = self.attention(
                x, hiding=hiding, head_factor=head_factor, want_weights=want_weights, training=training
            )
            return output

        def feed(x: Any) -> Any:
            return self.feed_forward(x, training=training)

        hidden = _residual(
            hidden, attend, self.spec.attention, self.attention_LayerNorm, self.attention_dropout, training
        )
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

    def build_stack(self, stack: Stack, std: float) -> None:
        """Create the blocks, with fresh weights of standard deviation `std`."""
        if stack.position_bias or stack.cross_position_bias or stack.cache:
            raise NotImplementedError("the Keras backend has no position bias and no cache")
        if stack.checkpointing:
            logger.warning("gradient_checkpointing has no effect on Keras models: training needs its full memory")
        self.stack = stack
        self.embeddings = Embeddings(stack.embeddings, std)
        self.layers = [Layer(layer, stack.hidden, std, f"layers_{i}") for i, layer in enumerate(stack.layers)]
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
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        training: bool = False,
    ) -> tuple[Any, tuple[Any, ...] | None, tuple[Any, ...] | None]:
        """Embed and run all layers.

        Returns:
            Last hidden states, *shape* `[batch, seq, hidden]`; all hidden states, from the embeddings on, if asked for;
            all attention weights if asked for.
        """
        _check_inputs(input_ids, inputs_embeds)
        hidden = self.embeddings(
            input_ids,
            inputs_embeds=inputs_embeds,
            token_type_ids=token_type_ids,
            position_ids=position_ids,
            training=training,
        )
        hiding = self._hiding(attention_mask, hidden)
        all_states: tuple[Any, ...] = ()
        all_weights: tuple[Any, ...] = ()
        masks = head_masks(head_mask, len(self.layers), self.compute_dtype)
        for layer, head_factor in zip(self.layers, masks, strict=True):
            if output_hidden_states:
                all_states += (hidden,)
            hidden, weights = layer(
                hidden, hiding=hiding, head_factor=head_factor, want_weights=output_attentions, training=training
            )
            if output_attentions:
                all_weights += (weights,)
        if self.LayerNorm is not None:
            hidden = self.LayerNorm(hidden)
        hidden = drop(self.dropout, hidden, training)
        if output_hidden_states:
            all_states += (hidden,)
        return hidden, all_states if output_hidden_states else None, all_weights if output_attentions else None

    def _hiding(self, attention_mask: Any | None, hidden: Any) -> Any | None:
        """What is added to the scores."""
        attention: SelfAttention = self.stack.layers[0].attention.block  # type: ignore[assignment]
        if attention_mask is not None:
            _check_mask(attention_mask, hidden)
        if attention.causal and (attention_mask is None or len(attention_mask.shape) == 2):
            past = causal_mask(ops.shape(hidden)[1])
            attention_mask = past if attention_mask is None else past * ops.cast(attention_mask, "int32")[:, None, :]
        if attention_mask is None:
            return None
        return padding_mask(attention_mask, attention.mask, self.compute_dtype)


def _check_inputs(input_ids: Any | None, inputs_embeds: Any | None) -> None:
    if (input_ids is None) == (inputs_embeds is None):
        given = "neither" if input_ids is None else "both"
        raise ValueError(f"You have to specify either input_ids or inputs_embeds: found {given}")
    if input_ids is not None and len(input_ids.shape) != 2:
        raise ValueError(f"input_ids has shape {tuple(input_ids.shape)}; expected [batch, seq]")
    if inputs_embeds is not None and len(inputs_embeds.shape) != 3:
        raise ValueError(f"inputs_embeds has shape {tuple(inputs_embeds.shape)}; expected [batch, seq, hidden]")


def _check_mask(mask: Any, hidden: Any) -> None:
    batch, length = hidden.shape[:2]
    wrong_batch = None not in (batch, mask.shape[0]) and mask.shape[0] not in (1, batch)
    wrong_length = None not in (length, mask.shape[-1]) and mask.shape[-1] != length
    if len(mask.shape) not in (2, 3) or wrong_batch or wrong_length:
        raise ValueError(
            f"attention_mask has shape {tuple(mask.shape)}; expected [{batch}, {length}] "
            f"(or [{batch}, query, {length}])"
        )
