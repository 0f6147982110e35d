"""Layers and stacks of layers."""
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from formers.architecture import Layer as LayerSpec
from formers.architecture import Mask, Norm, SelfAttention, Stack, Sublayer

from .attention import Attention
from .caches import Cache, KeyValues
from .embeddings import Embeddings
from .feedforward import FeedForward
from .masks import causal_mask, head_masks, padding_mask
from .norms import build_norm
from .position_bias import PositionBias


class Layer(nn.Module):
    """One layer: attention, cross-attention where the spec has it, feed-forward, each in the residual stream."""

    def __init__(self, spec: LayerSpec, hidden: int):
        super().__init__()
        self.spec = spec
        self.attention = Attention(spec.attention.block, hidden)  # type: ignore[arg-type]
        self._add_norm("attention", spec.attention, hidden)
        if spec.cross_attention is not None:
            self.cross_attention = Attention(spec.cross_attention.block, hidden)  # type: ignore[arg-type]
            self._add_norm("cross_attention", spec.cross_attention, hidden)
        self.feed_forward = FeedForward(spec.feed_forward.block, hidden)  # type: ignore[arg-type]
        self._add_norm("feed_forward", spec.feed_forward, hidden)

    def _add_norm(self, name: str, sublayer: Sublayer, hidden: int) -> None:
        norms: list[Norm] = [norm for norm in (sublayer.before, sublayer.after) if norm is not None]
        if len(norms) != 1:
            raise NotImplementedError(f"a sublayer needs one norm, before or after its block; {sublayer!r} has not")
        setattr(self, f"{name}_LayerNorm", build_norm(norms[0], hidden))

    def forward(
        self,
        hidden_states: Tensor,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        output_attentions: bool = False,
        causal: bool = False,
        caches: tuple[KeyValues, KeyValues] | None = None,
        first_token_only: bool = False,
    ) -> tuple[Tensor, ...]:
        """Compute the layer.

        Args:
            hidden_states: *Shape:* `[batch, seq, hidden]`.
            attention_mask, encoder_attention_mask: added to the scores. *Shape:* `[batch, 1, 1 or seq, key]`.
            head_mask: factor on the attention weights. *Shape:* `[1, heads, 1, 1]`.
            encoder_hidden_states: *Shape:* `[batch, key, hidden]`.
            output_attentions: give the attention weights too.
            causal: look back only; with no `attention_mask`.
            caches: keys and values of the attention to earlier positions, and of that to the encoder.
            first_token_only: compute the new state of the first position alone.

        Returns:
            The new states, then the weights of attention and cross-attention if asked for.
        """
        weights = []
        own, across = caches if caches is not None else (None, None)
        source = None
        if first_token_only:
            norm: Any = self.attention_LayerNorm
            source = norm(hidden_states) if self.spec.attention.before is not None else hidden_states
            hidden_states = hidden_states[:, :1]
            attention_mask = attention_mask[:, :, :1] if attention_mask is not None else None

        def attend(x: Tensor) -> Tensor:
            output, weight = self.attention(x, source, attention_mask, causal, head_mask, output_attentions, own)
            weights.append(weight)
            return output

        def attend_across(x: Tensor) -> Tensor:
            output, weight = self.cross_attention(
                x, encoder_hidden_states, encoder_attention_mask, False, head_mask, output_attentions, across
            )
            weights.append(weight)
            return output

        hidden = self._residual(hidden_states, attend, self.spec.attention, self.attention_LayerNorm)
        if encoder_hidden_states is not None and self.spec.cross_attention is not None:
            hidden = self._residual(hidden, attend_across, self.spec.cross_attention, self.cross_attention_LayerNorm)
        hidden = self._residual(hidden, self.feed_forward, self.spec.feed_forward, self.feed_forward_LayerNorm)
        return (hidden, *weights) if output_attentions else (hidden,)

    def _residual(self, x: Tensor, block: Any, spec: Sublayer, norm: Any) -> Tensor:
        update = block(norm(x) if spec.before is not None else x)
        if self.training:  # a call that does nothing is not free: a decoder's step is many small calls
            update = F.dropout(update, spec.dropout)
        return norm(x + update) if spec.after is not None else x + update


class StackBlocks(nn.Module):
    """Embeddings, layers and final norm of a stack, and how they run; a part of base models and of larger models."""

    stack: Stack

    def build_stack(self, stack: Stack, tokens: nn.Embedding | None = None) -> None:
        """Create the blocks, around a table of words if there is one already."""
        self.stack = stack
        self.embeddings = Embeddings(stack.embeddings, tokens)
        if stack.position_bias is not None:
            self.position_bias = PositionBias(stack.position_bias, stack.layers[0].attention.block.heads)  # type: ignore[union-attr]
        if stack.cross_position_bias is not None:
            across = stack.layers[0].cross_attention
            self.cross_position_bias = PositionBias(stack.cross_position_bias, across.block.heads)  # type: ignore[union-attr]
        self.layers = nn.ModuleList(Layer(layer, stack.hidden) for layer in stack.layers)
        if stack.final_norm is not None:
            self.LayerNorm = build_norm(stack.final_norm, stack.hidden)

    def run_stack(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        head_mask: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        encoder_hidden_states: Tensor | None = None,
        encoder_attention_mask: Tensor | None = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        cache: Cache | None = None,
        start: int | None = None,
        first_token_only: bool = False,
    ) -> tuple[Tensor, tuple[Tensor, ...] | None, tuple[Tensor, ...] | None]:
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
            first_token_only: the last layer computes the first position alone: the rest of it would not be looked at.

        Returns:
            Last hidden states, *shape* `[batch, seq, hidden]`; all hidden states, from the embeddings on, if asked for;
            all attention weights if asked for.
        """
        batch, length = _input_shape(input_ids, inputs_embeds)
        past = cache.length if cache is not None else 0
        hidden = self.embeddings(
            input_ids, inputs_embeds, token_type_ids, position_ids, past if start is None else start
        )
        attention: SelfAttention = self.stack.layers[0].attention.block  # type: ignore[assignment]
        biased = self.stack.position_bias is not None
        mask, causal = self._self_mask(attention_mask, attention, batch, length, past, biased, hidden)
        if biased:
            bias = self.position_bias(past, length, past + length)
            mask = bias if mask is None else bias + mask
        cross_mask = None
        if encoder_hidden_states is not None and encoder_attention_mask is not None:
            cross = self.stack.layers[0].cross_attention
            if cross is not None:
                fill: Mask = cross.block.mask  # type: ignore[union-attr]
                rows, seen = encoder_hidden_states.shape[:2]
                _check_mask(encoder_attention_mask, rows, seen, "encoder_attention_mask")
                if encoder_attention_mask.dim() == 3 or not _is_all_ones(encoder_attention_mask):
                    cross_mask = padding_mask(encoder_attention_mask, fill, hidden.dtype)
        if encoder_hidden_states is not None and self.stack.cross_position_bias is not None:
            bias = self.cross_position_bias(past, length, encoder_hidden_states.shape[1])
            cross_mask = bias if cross_mask is None else bias + cross_mask
        all_states: tuple[Tensor, ...] = ()
        all_weights: tuple[Tensor, ...] = ()
        recompute = self.stack.checkpointing and self.training and torch.is_grad_enabled() and cache is None
        # A block that is computed in chunks needs a sequence that they divide.
        last: Any = self.stack.layers[-1].feed_forward.block
        first_token_only = first_token_only and not last.chunk_size and cache is None
        masks = head_masks(head_mask, len(self.layers), hidden.dtype)
        for number, (layer, layer_head_mask) in enumerate(zip(self.layers, masks, strict=True)):
            if output_hidden_states:
                all_states += (hidden,)
            if self.training and self.stack.layer_dropout and torch.rand(()) < self.stack.layer_dropout:
                continue
            caches = (cache.own[number], cache.across[number]) if cache is not None else None
            inputs = (
                hidden, mask, layer_head_mask, encoder_hidden_states, cross_mask, output_attentions, causal, caches,
                first_token_only and number == len(self.layers) - 1,
            )  # fmt: skip
            outputs = checkpoint(layer, *inputs, use_reentrant=False) if recompute else layer(*inputs)
            hidden = outputs[0]
            if output_attentions:
                all_weights += (outputs[1],)
        if self.stack.final_norm is not None:
            hidden = self.LayerNorm(hidden)
        hidden = F.dropout(hidden, self.stack.dropout, self.training)
        if output_hidden_states and self.stack.states == "inputs and last":
            all_states += (hidden,)
        return hidden, all_states if output_hidden_states else None, all_weights if output_attentions else None

    @staticmethod
    def _self_mask(
        attention_mask: Tensor | None,
        attention: SelfAttention,
        batch: int,
        length: int,
        past: int,
        biased: bool,
        hidden: Tensor,
    ) -> tuple[Tensor | None, bool]:
        """What is added to the scores, and whether the attention is causal by itself (no padding, no bias, no past)."""
        # A single query may look at everything; a trace serves other lengths too.
        causal = attention.causal and (torch.jit.is_tracing() or length > 1)
        if attention_mask is not None:
            _check_mask(attention_mask, batch, past + length, "attention_mask")
            # Where the look costs nothing, a mask that hides nothing is dropped: attention without one is faster.
            if attention_mask.dim() == 2 and _is_all_ones(attention_mask):
                attention_mask = None
        if attention_mask is None and not (causal and (past or biased)):
            return None, causal
        if attention_mask is None or (causal and attention_mask.dim() == 2):
            visible = causal_mask(length, past + length, hidden.device)
            attention_mask = (
                visible if attention_mask is None else visible * attention_mask[:, None, :].to(visible.dtype)
            )
        return padding_mask(attention_mask, attention.mask, hidden.dtype), False


def _input_shape(input_ids: Tensor | None, inputs_embeds: Tensor | None) -> tuple[int, int]:
    if (input_ids is None) == (inputs_embeds is None):
        given = "neither" if input_ids is None else "both"
        raise ValueError(f"You have to specify either input_ids or inputs_embeds: found {given}")
    for name, value in (("input_ids", input_ids), ("inputs_embeds", inputs_embeds)):
        if value is None:
            continue
        if not isinstance(value, Tensor):
            found = type(value).__name__
            raise TypeError(f"{name} is a {found}, and a torch.Tensor was expected: tokenize with return_tensors='pt'")
        if value.numel() == 0:
            raise ValueError(f"{name} has shape {tuple(value.shape)}: there is nothing in it to read")
    if input_ids is not None:
        if input_ids.is_floating_point():
            raise TypeError(f"input_ids has type {input_ids.dtype}; token ids are whole numbers (torch.long)")
        if input_ids.dim() != 2:
            raise ValueError(f"input_ids has shape {tuple(input_ids.shape)}; expected [batch, seq]")
        return input_ids.shape  # type: ignore[return-value]
    assert inputs_embeds is not None
    if inputs_embeds.dim() != 3:
        raise ValueError(f"inputs_embeds has shape {tuple(inputs_embeds.shape)}; expected [batch, seq, hidden]")
    return inputs_embeds.shape[:2]  # type: ignore[return-value]


def _is_all_ones(mask: Tensor) -> bool:
    """Whether a mask on the CPU hides nothing; elsewhere the answer would wait for the device."""
    return mask.device.type == "cpu" and not torch.jit.is_tracing() and bool(mask.all())


def _check_mask(mask: Tensor, batch: int, length: int, name: str) -> None:
    if mask.dim() not in (2, 3) or mask.shape[0] not in (1, batch) or mask.shape[-1] != length:
        raise ValueError(
            f"{name} has shape {tuple(mask.shape)}; expected [{batch}, {length}] "
            f"(or [{batch}, query, {length}])"
        )
