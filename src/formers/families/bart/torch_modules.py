"""BART's PyTorch modules. Layers and attentions take and give the positions first: `[seq, batch, hidden]`."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import CrossAttention, InfiniteMask, Layer, SelfAttention as SelfAttentionSpec, Stack, Sublayer
from formers.backends.torch import ops
from formers.backends.torch.constants import stack_constants
from formers.backends.torch.containers import (
    Arguments,
    HeadContainer,
    LayerContainer,
    StackContainer,
    Steps,
    StepsEntrance,
    is_plain,
)
from formers.backends.torch.tree import Tree
from formers.network.caches import Cache, KeyValues
from formers.network.call import Call, LayerCall, Scores, StackOutput
from formers.network.context import Context
from formers.network.layer import Computed, Step
from formers.network.weights import head_weights, layer_weights, stack_specs, stack_weights, sublayer_weights

from . import tasks
from .architecture import NORM, architecture, decoder_layer, encoder_layer
from .configuration import BartConfig
from .names import NAMES
from .torch_functions import documented_masks, held, invert_mask, key_bias

TREE = Tree(__name__, NAMES)

SELF, CROSS = "self", "encoder_decoder"
"""What documented dicts call the earlier keys and values of both attentions."""
KEYS = {"attention": SELF, "cross_attention": CROSS}


# --- documented dicts of earlier keys and values ----------------------------------------------------------------------


@dataclass(slots=True)
class StateCall(LayerCall):
    """What a layer needs, with the documented dict of earlier keys and values, which a call changes.

    Attributes:
        state: the dict, or None.
        padding: True for all keys of the self-attention that are padding, or None.
    """

    state: dict[str, Any] | None = None
    padding: Tensor | None = None


def _caches(state: Mapping[str, Any] | None) -> dict[str, KeyValues]:
    """Return what a documented dict holds, by the names of the sublayers."""
    caches = {name: KeyValues(ops) for name in KEYS}
    for name, key in KEYS.items():
        found = held(state, key)
        if found is not None:
            caches[name].append(found["prev_key"], found["prev_value"])
    return caches


def _joined(padding: Tensor | None, state: Mapping[str, Any] | None, keys: int) -> Tensor | None:
    """Join the padding mask of new positions to that of earlier ones. *Shape:* `[batch, key]`.

    Raises:
        ValueError: earlier positions have a mask, and new ones have none.
    """
    found = held(state, SELF)
    earlier = None if found is None else found.get("prev_key_padding_mask")
    if earlier is None:
        return padding
    if padding is None:
        raise ValueError("earlier positions have a prev_key_padding_mask: pass key_padding_mask for the new ones too")
    return torch.cat([earlier, padding], 1) if padding.shape[1] < keys else padding


def _write(state: dict[str, Any], caches: Mapping[str, KeyValues], padding: Tensor | None) -> None:
    """Put what caches hold into a documented dict."""
    for name, key in KEYS.items():
        cache = caches.get(name)
        if cache is not None and not cache.is_empty:
            keys, values = cache.read()
            mask = padding if key == SELF else None
            state[key] = {"prev_key": keys, "prev_value": values, "prev_key_padding_mask": mask}


def _state(caches: Mapping[str, KeyValues] | None, rows: int) -> dict[str, Any]:
    """Return what caches hold as a documented dict; beams that share an encoder row get a row each."""
    state: dict[str, Any] = {}
    for name, cache in (caches or {}).items():
        if not cache.is_empty:
            keys, values = (_for_rows(tensor, rows) for tensor in cache.read())
            state[KEYS[name]] = {"prev_key": keys, "prev_value": values, "prev_key_padding_mask": None}
    return state


def _keep(caches: Mapping[str, KeyValues] | None, state: Mapping[str, Any] | None) -> None:
    """Put what a documented dict holds into caches; what is known of the encoder stays."""
    for name, cache in (caches or {}).items():
        found = held(state, KEYS[name])
        if found is not None and (KEYS[name] == SELF or cache.is_empty):
            cache.crop(0)
            cache.append(found["prev_key"], found["prev_value"])


def _for_rows(tensor: Tensor, rows: int) -> Tensor:
    """Repeat the rows of an encoder for the beams that share them. *Shape:* `[batch, ...]` to `[rows, ...]`."""
    return tensor if tensor.shape[0] == rows else tensor.repeat_interleave(rows // tensor.shape[0], 0)


def _mask_for_rows(mask: Tensor | None, rows: int) -> Tensor | None:
    return None if mask is None else _for_rows(mask, rows)


# --- attention --------------------------------------------------------------------------------------------------------


class AttentionEntrance(StepsEntrance):
    """An attention, whose documented call changes a dict of earlier keys and values."""

    __slots__ = ()

    def enter(self, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> Computed:  # type: ignore[override]
        """Compute it for the network's arguments."""
        if is_plain(self.module):
            return self.module.compute(x, y, call, spec)
        given = self.kind.arguments(x, y, call, spec)
        result = self.module(*given.args, **given.kwargs)
        if call.caches is not None:
            _keep({spec.name: call.caches[spec.name]}, given.kwargs["layer_state"])
        return x, result[0].transpose(0, 1), result[1]


class SelfAttention(Steps, tree=TREE):
    """BART's attention, of a sequence to itself or to an encoder's states.

    Args:
        embed_dim: width.
        num_heads: number of heads.
        dropout: probability on the attention weights.
        bias: the linear layers have biases.
        encoder_decoder_attention: it attends to an encoder's states.

    Raises:
        ValueError: the width is no multiple of the number of heads.
    """

    first_step, last_step = Step.MIX, Step.PROJECT
    entrance = AttentionEntrance

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        encoder_decoder_attention: bool = False,
    ):
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} must be divisible by num_heads {num_heads}")
        size = embed_dim // num_heads
        kind: Any = CrossAttention if encoder_decoder_attention else SelfAttentionSpec
        block = kind(num_heads, size, size**-0.5, InfiniteMask(), bias=bias, dropout=dropout)
        spec = Sublayer("cross_attention" if encoder_decoder_attention else "attention", block, after=NORM)
        self.build(spec, sublayer_weights(spec, embed_dim, architecture(BartConfig()).init), {"": spec}, None)

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.num_heads, self.head_dim, self.scaling = block.heads, block.head_size, block.scale
        self.embed_dim = block.heads * block.head_size
        self.encoder_decoder_attention = isinstance(block, CrossAttention)
        self.cache_key = CROSS if self.encoder_decoder_attention else SELF

    def read(
        self,
        query: Tensor,
        key: Tensor | None,
        key_padding_mask: Tensor | None = None,
        layer_state: dict[str, Any] | None = None,
        attn_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        name, y = self.spec.name, query.transpose(0, 1)
        cache = _caches(layer_state)[name]
        source = None
        if self.encoder_decoder_attention:
            source = y if key is None else key.transpose(0, 1)
            if key is None and cache.is_empty:
                raise ValueError("an attention to an encoder needs its states as key: neither key nor layer_state has them")
            keys = source.shape[1] if cache.is_empty else cache.length
        else:
            keys = cache.length + y.shape[1]
            key_padding_mask = _joined(key_padding_mask, layer_state, keys)
        bias = key_bias(key_padding_mask, attn_mask, (y.shape[0], keys), y)
        call = StateCall(
            {name: Scores(bias)}, source, {name: cache}, want_weights=output_attentions, state=layer_state,
            padding=key_padding_mask,
        )  # fmt: skip
        return y, y, call

    def write(self, computed: Computed, given: Any) -> tuple[Tensor, Tensor | None]:
        """See `Container.write`."""
        call: StateCall = given[2]
        if call.state is not None:
            _write(call.state, call.caches or {}, call.padding)
        return computed[1].transpose(0, 1), computed[2]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> Arguments:
        """See `Container.arguments`."""
        query, rows = y.transpose(0, 1), y.shape[0]
        bias, causal, _ = call.scores[spec.name]
        state = _state(call.caches, rows)
        cross = isinstance(spec.block, CrossAttention)
        if cross:
            padding, _ = documented_masks(bias, False, 1, 1, y)
            return Arguments(
                query=query,
                key=None if call.source is None else _for_rows(call.source, rows).transpose(0, 1),
                key_padding_mask=_mask_for_rows(padding, rows),
                layer_state=state,
            )
        past = call.cache(spec.name)
        keys = y.shape[1] + (0 if past is None else past.length)
        padding, added = documented_masks(bias, causal, y.shape[1], keys, y)
        padding = _mask_for_rows(padding, rows)
        if not spec.block.causal:  # type: ignore[union-attr]
            return Arguments(
                query=query, key=query, key_padding_mask=padding, output_attentions=call.want_weights
            )
        return Arguments(
            query=query, key=query, layer_state=state, key_padding_mask=padding, attn_mask=added,
            output_attentions=call.want_weights,
        )  # fmt: skip

    def _shape(self, tensor: Tensor, dim_0: int, bsz: int) -> Tensor:
        """Split heads. *Shape:* `[seq, batch, heads * size]` to `[batch * heads, seq, size]`."""
        return tensor.reshape(dim_0, bsz * self.num_heads, self.head_dim).transpose(0, 1)


# --- layers -----------------------------------------------------------------------------------------------------------


class _BartLayer(LayerContainer):
    """A layer."""

    def settled(self) -> None:
        """See `Container.settled`."""
        attention = self.spec.named("attention")
        block: Any = attention.block
        self.embed_dim = block.heads * block.head_size
        self.normalize_before = attention.before is not None

    def build_layer(self, layer: Layer, config: BartConfig) -> None:
        """Make the layer by itself."""
        specs = {sublayer.name: sublayer for sublayer in layer.sublayers}
        init = architecture(config).init
        self.build(layer, layer_weights(layer, config.d_model, init), specs, config)


class EncoderLayer(_BartLayer, tree=TREE):
    """One layer of BART's encoder.

    Args:
        config: the model's configuration.
    """

    def __init__(self, config: BartConfig):
        self.build_layer(encoder_layer(config), config)

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
        padding = _mask_for_rows(padding, x.shape[0])
        return Arguments(x.transpose(0, 1), padding, output_attentions=call.want_weights)

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: LayerCall) -> Any:
        """See `Container.parse`."""
        return result[0].transpose(0, 1), (result[1],) if call.want_weights else ()


class DecoderLayer(_BartLayer, tree=TREE):
    """One layer of BART's decoder.

    Args:
        config: the model's configuration.
    """

    def __init__(self, config: BartConfig):
        self.build_layer(decoder_layer(config), config)

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
        masks = _Masks(decoder_padding_mask, causal_mask, encoder_attn_mask)
        return hidden, masks.call(hidden, source, {} if layer_state is None else layer_state, output_attentions)

    def write(self, computed: Any, given: Any) -> tuple[Tensor, Tensor | None, dict[str, Any]]:
        """See `Container.write`."""
        x, weights = computed
        call: StateCall = given[1]
        assert call.state is not None
        _write(call.state, call.caches or {}, call.padding)
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
            None if call.source is None else _for_rows(call.source, rows).transpose(0, 1),
            encoder_attn_mask=_mask_for_rows(source_padding, rows),
            decoder_padding_mask=_mask_for_rows(padding, rows),
            layer_state=_state(call.caches, rows) or None,
            causal_mask=added,
            output_attentions=call.want_weights,
        )

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: LayerCall) -> Any:
        """See `Container.parse`."""
        _keep(call.caches, result[2])
        return result[0].transpose(0, 1), (result[1],) if call.want_weights else ()


@dataclass
class _Masks:
    """The documented masks of a decoder: True for padding, and what is added to the scores."""

    padding: Tensor | None
    causal: Tensor | None
    source_padding: Tensor | None

    def call(
        self, x: Tensor, source: Tensor | None, state: dict[str, Any] | None, want_weights: bool
    ) -> StateCall:
        """Return what a layer needs besides the states.

        Args:
            x: the states. *Shape:* `[batch, seq, hidden]`.
            source: the encoder's, which are not needed where `state` has their keys and values.
            state: the documented dict of earlier keys and values.
            want_weights: give the attention weights.
        """
        caches = _caches(state)
        own, cross = caches["attention"], caches["cross_attention"]
        keys = own.length + x.shape[1]
        padding = _joined(self.padding, state, keys)
        scores = {"attention": Scores(key_bias(padding, self.causal, (x.shape[0], keys), x))}
        if not cross.is_empty and source is None:
            source = x  # not looked at
        if source is not None:
            keys = source.shape[1] if cross.is_empty else cross.length
            scores["cross_attention"] = Scores(key_bias(self.source_padding, None, (x.shape[0], keys), x))
        return StateCall(
            scores, source, caches if state is not None else None, want_weights=want_weights, state=state,
            padding=padding,
        )  # fmt: skip


# --- stacks -----------------------------------------------------------------------------------------------------------


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
        if states is not None and not (len(states) >= len(self.layers) and all(isinstance(s, dict) for s in states)):  # type: ignore[arg-type]
            raise ValueError(
                f"decoder_cached_states is a {type(states).__name__} of {len(states)}; expected a list with the dict of "
                "each layer, the second of the pair that the decoder gives"
            )
        source_padding = None if encoder_padding_mask is None else invert_mask(encoder_padding_mask)
        masks = _Masks(decoder_padding_mask, decoder_causal_mask, source_padding)
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
                _write(layer.state, layer.caches or {}, layer.padding)
        past = None
        if context.use_cache:
            past = ((call.encoder_states, context.masks.source_padding), context.states)
        return computed.hidden, past, list(computed.states or ()), list(computed.weights or ())

    @classmethod
    def arguments(cls, call: Call) -> Arguments:
        """See `Container.arguments`."""
        ids, cached = call.input_ids, call.cache
        source_mask = _mask_for_rows(call.encoder_mask, ids.shape[0])
        source = _for_rows(call.encoder_states, ids.shape[0])
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
            states = [_state(cached.of_layer(index), ids.shape[0]) for index in layers]
            states = states if any(states) else None
        else:
            mask = call.attention_mask
            padding = None if mask is None or bool(mask.all()) else invert_mask(mask)
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
                _keep(call.cache.of_layer(index), state)
        return _output(call, hidden, states, weights)


class _GivenContext:
    """What the layers of a decoder need besides the states, as a documented call gives it.

    Args:
        masks: the masks.
        states: the documented dict of each layer, or None.
        call: what the decoder is called with.
        use_cache: the caller gets the keys and values back.
    """

    def __init__(self, masks: _Masks, states: Sequence[dict[str, Any]] | None, call: Call, use_cache: bool):
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
        self.build_head(head.steps, weights, NAMES.head_rows, "classification_head")

    def read(self, x: Tensor) -> Any:  # type: ignore[override]
        """See `Container.read`."""
        return (x,)
