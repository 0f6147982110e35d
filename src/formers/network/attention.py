"""Multi-head scaled dot-product attention (Vaswani et al., 2017), of a sequence to itself or to an encoder's states."""
from dataclasses import replace
from typing import Any

from formers.architecture import Attention, CrossAttention, SelfAttention, Sublayer

from .caches import KeyValues
from .call import LayerCall
from .errors import check_head_mask


def attend(ops: Any, parts: Any, spec: Attention, x: Any, call: LayerCall, name: str) -> tuple[Any, Any]:
    """Attend, up to the last linear layer.

    Args:
        ops: the operations of the backend.
        parts: the parts of the block.
        spec: what it is.
        x: the states that attend. *Shape:* `[batch, query, hidden]`.
        call: masks, caches, what is wanted.
        name: name of the sublayer, under which `call` has what concerns it.

    Returns:
        The heads' results side by side, *shape* `[batch, query, heads * head_size]`, and the attention weights, *shape*
        `[batch, heads, query, key]`, or None.
    """
    bias, causal, _ = call.scores[name]
    if isinstance(spec, CrossAttention):
        query, key, value = _project_cross(ops, parts, spec, x, call.source, call.cache(name))
        rows = query
        query, bias = ops.join_beams(query, key, bias)
    else:
        query, key, value = _project_self(ops, parts, spec, x, call.cache(name), call.first_only)
        if call.first_only and bias is not None:
            bias = bias[:, :, :1]
    context, weights = weigh(ops, parts, spec, query, key, value, bias, causal, call)
    if isinstance(spec, CrossAttention):
        context = ops.split_beams(context, rows)
    return ops.join_heads(context), weights


def weigh(
    ops: Any, parts: Any, spec: Attention, query: Any, key: Any, value: Any, bias: Any, causal: bool, call: LayerCall
) -> tuple[Any, Any]:
    """Weigh values by the products of queries and keys.

    Args:
        ops: the operations of the backend.
        parts: the parts of the block.
        spec: what it is.
        query, key, value: *Shape:* `[batch, heads, seq, head_size]`.
        bias, causal: see `Scores`.
        call: head mask, what is wanted.

    Returns:
        The weighted values, *shape* `[batch, heads, query, head_size]`, and the weights if they are wanted, *shape*
        `[batch, heads, query, key]`.
    """
    dropout = ops.dropout_of(parts("dropout"), spec.dropout, parts.training)
    weights = None
    if call.want_weights or call.head_mask is not None or ops.needs_weights(query, key, value, parts.training):
        scores = ops.matmul(query * spec.scale, ops.matrix_transpose(key))
        if causal:
            scores = ops.mask_later_keys(scores)
        if bias is not None:
            scores = scores + bias
        weights = dropout(ops.attention_softmax(scores))
        if call.head_mask is not None:
            check_head_mask(call.head_mask, spec.heads)
            weights = weights * call.head_mask
        context = ops.matmul(weights, value)
    else:
        context = ops.attend(query, key, value, bias, causal, spec.scale, dropout)
    return context, weights if call.want_weights else None


def _project_self(
    ops: Any, parts: Any, spec: SelfAttention, x: Any, cache: KeyValues | None, first_only: bool
) -> tuple[Any, Any, Any]:
    """Return queries, keys and values. *Shape:* `[batch, heads, seq, head_size]`."""
    if spec.projections == "joined":
        query, key, value = ops.split_projections(ops.linear(parts("qkv"), x), spec.head_size)
        if first_only:
            query = query[:, :, :1]
    else:
        asking = x[:, :1] if first_only else x
        query = ops.split_heads(ops.linear(parts("query"), asking), spec.head_size)
        key = ops.split_heads(ops.linear(parts("key"), x), spec.head_size)
        value = ops.split_heads(ops.linear(parts("value"), x), spec.head_size)
    if cache is not None:
        key, value = cache.append(key, value)
    return query, key, value


def _project_cross(
    ops: Any, parts: Any, spec: CrossAttention, x: Any, source: Any, cache: KeyValues | None
) -> tuple[Any, Any, Any]:
    """Return queries, keys and values; those of the source are computed if the cache is empty."""
    query = ops.split_heads(ops.linear(parts("query"), x), spec.head_size)
    if cache is not None and not cache.is_empty:
        return query, *cache.read()
    key = ops.split_heads(ops.linear(parts("key"), source), spec.head_size)
    value = ops.split_heads(ops.linear(parts("value"), source), spec.head_size)
    if cache is not None:
        key, value = cache.append(key, value)
    return query, key, value


def attend_elsewhere(
    ops: Any, parts: Any, spec: Sublayer, key: Any, value: Any, call: LayerCall
) -> tuple[Sublayer, LayerCall]:
    """Let a self-attention attend to other states than those that ask.

    Args:
        ops: the operations of the backend.
        parts: the parts of the sublayer.
        spec: what it is.
        key, value: the states that keys and values are made of. *Shape:* `[batch, key, hidden]`.
        call: the call of the self-attention.

    Returns:
        The sublayer and the call with which `run_steps` computes that.
    """
    block: Any = spec.block
    cross = CrossAttention(block.heads, block.head_size, block.scale, block.mask, dropout=block.dropout)
    cache = call.cache(spec.name) or KeyValues(ops)
    cache.append(
        ops.split_heads(ops.linear(parts("key"), key), block.head_size),
        ops.split_heads(ops.linear(parts("value"), value), block.head_size),
    )
    name = "cross_attention"
    call = replace(call, scores={name: call.scores[spec.name]}, caches={name: cache})
    return replace(spec, name=name, block=cross), call
