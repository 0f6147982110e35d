"""BART's PyTorch modules. Layers take and give the positions first: `[seq, batch, hidden]`."""
from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import Layer, Stack
from formers.backends.torch import ops
from formers.backends.torch.constants import stack_constants
from formers.backends.torch.containers import Arguments, HeadContainer, LayerContainer, StackContainer
from formers.backends.torch.ops.products import is_plain_eager
from formers.backends.torch.presents import for_rows
from formers.network.caches import Cache
from formers.network.call import Call, LayerCall, Scores, StackOutput
from formers.network.context import Context
from formers.network.weights import head_weights, stack_specs, stack_weights

from . import tasks
from .architecture import architecture
from .configuration import BartConfig
from .torch_attention import TREE as TREE
from .torch_attention import SelfAttention as SelfAttention
from .torch_functions import documented_masks, invert_mask, key_bias
from .torch_states import Masks, StateCall, keep, source_of, state_of, write_state


class _BartLayer(LayerContainer):
    """A layer."""

    def settled(self) -> None:
        """See `Container.settled`."""
        attention = self.spec.named("attention")
        block: Any = attention.block
        self.embed_dim = block.heads * block.head_size
        self.normalize_before = attention.before is not None


class EncoderLayer(_BartLayer, tree=TREE):
    """One layer of BART's encoder."""

    def read(self, x: Tensor, encoder_padding_mask: Tensor | None, output_attentions: bool = False) -> Any:
        """See `Container.read`."""
        hidden = x.transpose(0, 1)
        bias = key_bias(encoder_padding_mask, None, (hidden.shape[0], hidden.shape[1]), hidden)
        return hidden, LayerCall({"attention": Scores(bias)}, want_weights=output_attentions)

    def write(self, computed: Any, given: Any) -> tuple[Tensor, Tensor | None]:
        """See `Container.write`."""
        x, weights = computed
        return x.transpose(0, 1), weights[0] if weights else None

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> Arguments:
        """See `Container.arguments`."""
        padding, _ = documented_masks(call.scores["attention"].bias, False, 1, 1, x)
        padding = for_rows(padding, x.shape[0])
        return Arguments(x.transpose(0, 1), padding, output_attentions=call.want_weights)

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: LayerCall) -> Any:
        """See `Container.parse`."""
        return result[0].transpose(0, 1), (result[1],) if call.want_weights else ()


class DecoderLayer(_BartLayer, tree=TREE):
    """One layer of BART's decoder."""

    def read(
        self,
        x: Tensor,
        encoder_hidden_states: Tensor | None,
        encoder_attn_mask: Tensor | None = None,
        layer_state: dict[str, Any] | None = None,
        causal_mask: Tensor | None = None,
        decoder_padding_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        hidden = x.transpose(0, 1)
        source = None if encoder_hidden_states is None else encoder_hidden_states.transpose(0, 1)
        masks = Masks(decoder_padding_mask, causal_mask, encoder_attn_mask)
        return hidden, masks.call(hidden, source, {} if layer_state is None else layer_state, output_attentions)

    def write(self, computed: Any, given: Any) -> tuple[Tensor, Tensor | None, dict[str, Any]]:
        """See `Container.write`."""
        x, weights = computed
        call: StateCall = given[1]
        assert call.state is not None
        write_state(call.state, call.caches or {}, call.padding)
        return x.transpose(0, 1), weights[0] if weights else None, call.state

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> Arguments:
        """See `Container.arguments`."""
        rows, past = x.shape[0], call.cache("attention")
        bias, causal, _ = call.scores["attention"]
        padding, added = documented_masks(bias, causal, x.shape[1], x.shape[1] + (past.length if past else 0), x)
        source_padding, _ = documented_masks(call.scores["cross_attention"].bias, False, 1, 1, x)
        return Arguments(
            x.transpose(0, 1),
            source_of(call, rows),
            encoder_attn_mask=for_rows(source_padding, rows),
            decoder_padding_mask=for_rows(padding, rows),
            layer_state=state_of(call.caches, rows) or None,
            causal_mask=added,
            output_attentions=call.want_weights,
        )

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: LayerCall) -> Any:
        """See `Container.parse`."""
        keep(call.caches, result[2])
        return result[0].transpose(0, 1), (result[1],) if call.want_weights else ()


class _BartStack(StackContainer):
    """BART's encoder or decoder."""

    def settled(self) -> None:
        """See `Container.settled`."""
        tokens = self.spec.embeddings.tokens
        self.layerdrop, self.embed_scale, self.padding_idx = self.spec.layer_dropout, tokens.scale, tokens.padding
        if self.spec.final_norm is None:
            self.layer_norm = None

    def build_stack(self, name: str, stack: Stack, config: BartConfig, embed_tokens: nn.Module) -> None:
        """Make the stack by itself."""
        weights = stack_weights(stack, architecture(config).init)
        self.build(stack, weights, dict(stack_specs(stack)), config, name, {"embeddings.tokens": embed_tokens})
        self.constants = stack_constants(stack)

    def compute(self, call: Call, context: Any = Context) -> StackOutput:
        """Run the stack, with the scale and the layer dropout that the instance says now."""
        spec, tokens = self.spec, self.spec.embeddings.tokens
        if self.layerdrop != spec.layer_dropout or self.embed_scale != tokens.scale:
            embeddings = replace(spec.embeddings, tokens=replace(tokens, scale=self.embed_scale))
            spec = replace(spec, layer_dropout=self.layerdrop, embeddings=embeddings)
        return self.run_as(spec, call, context)


class BartEncoder(_BartStack, tree=TREE):
    """BART's encoder.

    Args:
        config: the model's configuration.
        embed_tokens: the token embeddings, which it shares.
    """

    def __init__(self, config: BartConfig, embed_tokens: nn.Module):
        self.build_stack("encoder", architecture(config).encoder, config, embed_tokens)

    def settled(self) -> None:
        """See `Container.settled`."""
        super().settled()
        self.max_source_positions = self.spec.capacity

    def read(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return (
            Call(input_ids, None, attention_mask, want_weights=output_attentions, want_states=output_hidden_states),
        )

    def write(self, computed: StackOutput, given: Any) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """See `Container.write`."""
        return computed.hidden, list(computed.states or ()), list(computed.weights or ())

    @classmethod
    def arguments(cls, call: Call) -> Arguments:
        """See `Container.arguments`."""
        return Arguments(
            input_ids=call.input_ids,
            attention_mask=call.attention_mask,
            output_attentions=call.want_weights,
            output_hidden_states=call.want_states,
        )

    @classmethod
    def parse(cls, result: Any, call: Call) -> StackOutput:
        """See `Container.parse`."""
        return _output(call, *result)


class BartDecoder(_BartStack, tree=TREE):
    """BART's decoder.

    Args:
        config: the model's configuration.
        embed_tokens: the token embeddings, which it shares.
    """

    def __init__(self, config: BartConfig, embed_tokens: nn.Module):
        self.build_stack("decoder", architecture(config).decoder, config, embed_tokens)

    def settled(self) -> None:
        """See `Container.settled`."""
        super().settled()
        self.max_target_positions = self.spec.capacity

    def read(
        self,
        input_ids: Tensor,
        encoder_hidden_states: Tensor,
        encoder_padding_mask: Tensor | None,
        decoder_padding_mask: Tensor | None,
        decoder_causal_mask: Tensor | None,
        decoder_cached_states: Sequence[dict[str, Any]] | None = None,
        use_cache: bool = False,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        **unused: Any,
    ) -> Any:
        """See `Container.read`."""
        start = input_ids.shape[1] - 1 if use_cache else 0
        states: Sequence[dict[str, Any]] | None = decoder_cached_states
        if states is None and use_cache:
            states = [{} for _ in self.layers]  # type: ignore[union-attr]
        layers: Any = self.layers
        if states is not None and not (len(states) >= len(layers) and all(isinstance(s, dict) for s in states)):
            raise ValueError(
                f"decoder_cached_states is a {type(states).__name__} of {len(states)}; expected a list with the dict "
                "of each layer, the second of the pair that the decoder gives"
            )
        source_padding = None if encoder_padding_mask is None else invert_mask(encoder_padding_mask)
        masks = Masks(decoder_padding_mask, decoder_causal_mask, source_padding)
        call = Call(
            input_ids[:, start:],
            encoder_states=encoder_hidden_states,
            cache=None if states is None else Cache(ops, 0),  # that of the context counts
            start=start,
            want_weights=output_attentions,
            want_states=output_hidden_states,
            ids_so_far=input_ids if use_cache else None,
        )
        return call, _GivenContext(masks, states, call, use_cache)

    def write(self, computed: StackOutput, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        call, context = given
        for layer in context.calls:
            if layer.state is not None:
                write_state(layer.state, layer.caches or {}, layer.padding)
        past = None
        if context.use_cache:
            past = ((call.encoder_states, context.masks.source_padding), context.states)
        return computed.hidden, past, list(computed.states or ()), list(computed.weights or ())

    @classmethod
    def arguments(cls, call: Call) -> Arguments:
        """See `Container.arguments`."""
        ids, cached = call.input_ids, call.cache
        source_mask = for_rows(call.encoder_mask, ids.shape[0])
        source = for_rows(call.encoder_states, ids.shape[0])
        padding = causal = states = None
        if cached is not None:
            if ids.shape[1] > 1:
                raise ValueError(
                    f"a BartDecoder that was replaced or has hooks takes one new token at a time, found {ids.shape[1]}"
                )
            past = call.start if call.start is not None else cached.length
            if call.ids_so_far is not None:
                ids = call.ids_so_far
            elif past:  # of earlier ids the documented decoder looks at the number alone
                ids = torch.cat([ids.new_zeros(ids.shape[0], past), ids], 1)
            layers = range(len(cached.self_attention))
            states = [state_of(cached.of_layer(index), ids.shape[0]) for index in layers]
            states = states if any(states) else None
        else:
            mask = call.attention_mask
            padding = None if mask is None or (is_plain_eager(mask) and bool(mask.all())) else invert_mask(mask)
            assert source is not None
            like = torch.empty(0, dtype=source.dtype, device=source.device)
            causal = documented_masks(None, True, ids.shape[1], ids.shape[1], like)[1]
        return Arguments(
            ids, source, source_mask, padding, decoder_causal_mask=causal, decoder_cached_states=states,
            use_cache=cached is not None, output_attentions=call.want_weights, output_hidden_states=call.want_states,
        )  # fmt: skip

    @classmethod
    def parse(cls, result: Any, call: Call) -> StackOutput:
        """See `Container.parse`."""
        hidden, past, states, weights = result
        if call.cache is not None:
            for index, state in enumerate(past[1]):
                keep(call.cache.of_layer(index), state)
        return _output(call, hidden, states, weights)


class _GivenContext:
    """What the layers of a decoder need besides the states, as a documented call gives it.

    Args:
        masks: the masks.
        states: the documented dict of each layer, or None.
        call: what the decoder is called with.
        use_cache: the caller gets the keys and values back.
    """

    def __init__(self, masks: Masks, states: Sequence[dict[str, Any]] | None, call: Call, use_cache: bool):
        self.masks, self.states, self.call, self.use_cache = masks, states, call, use_cache
        self.calls: list[StateCall] = []
        self.hidden: Any = None

    def __call__(self, ops: Any, parts: Any, stack: Stack, call: Call, hidden: Tensor) -> _GivenContext:
        self.hidden = hidden
        return self

    def of_layer(self, spec: Layer, index: int) -> StateCall:
        """Return what a layer needs besides the states."""
        state = None if self.states is None else self.states[index]
        call = self.masks.call(self.hidden, self.call.encoder_states, state, self.call.want_weights)
        self.calls.append(call)
        return call


def _output(call: Call, hidden: Tensor, states: Iterable[Tensor], weights: Iterable[Tensor]) -> StackOutput:
    return StackOutput(
        hidden, tuple(states) if call.want_states else None, tuple(weights) if call.want_weights else None
    )


# --- head -------------------------------------------------------------------------------------------------------------


class BartClassificationHead(HeadContainer, tree=TREE):
    """The head that classifies sequences.

    Args:
        input_dim: length of the vectors.
        inner_dim: inner width.
        num_classes: number of classes.
        pooler_dropout: probability before both linear layers.
    """

    def __init__(self, input_dim: int, inner_dim: int, num_classes: int, pooler_dropout: float):
        config = BartConfig()
        head = replace(
            tasks.sequence_head(config), steps=tasks.classification_steps(inner_dim, num_classes, pooler_dropout)
        )
        weights = [*head_weights(head, input_dim, 0, architecture(config).init)]
        self.build_head(head.steps, weights, "classification_head")

    def read(self, x: Tensor) -> Any:
        """See `Container.read`."""
        return (x,)
