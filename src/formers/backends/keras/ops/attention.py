"""Operations of attention: heads, scores, masks."""
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from keras import backend, ops

_LOWEST = {"float16": -6e4, "bfloat16": -1e30, "float32": -1e30, "float64": -1e30}
"""What stands for minus infinity: a row in which everything is masked still gives numbers, in half precision too."""


def split_heads(x: Any, size: int) -> Any:
    """Split the last axis into heads. *Shape:* `[batch, seq, heads * size]` to `[batch, heads, seq, size]`."""
    x = ops.reshape(x, (*ops.shape(x)[:2], x.shape[-1] // size, size))
    return ops.transpose(x, (0, 2, 1, 3))


def split_projections(x: Any, size: int) -> tuple[Any, Any, Any]:
    """Split what one linear layer gave for queries, keys and values. *Shape:* `[batch, heads, seq, size]` each."""
    x = ops.reshape(x, (*ops.shape(x)[:2], 3, x.shape[-1] // (3 * size), size))
    query, key, value = ops.unstack(ops.transpose(x, (2, 0, 3, 1, 4)), 3)
    return query, key, value


def join_heads(x: Any) -> Any:
    """Put heads side by side. *Shape:* `[batch, heads, seq, size]` to `[batch, seq, heads * size]`."""
    x = ops.transpose(x, (0, 2, 1, 3))
    return ops.reshape(x, (*ops.shape(x)[:2], x.shape[2] * x.shape[3]))


def join_beams(query: Any, key: Any, bias: Any | None) -> tuple[Any, Any | None]:
    """Let beams that share the keys of their encoder row stand side by side as queries.

    *Shape:* `[rows * beams, heads, query, size]` to `[rows, heads, beams * query, size]`.
    """
    if query.shape[0] is not None and query.shape[0] == key.shape[0]:
        return query, bias
    _, heads, length, size = ops.shape(query)
    beams = ops.shape(query)[0] // ops.shape(key)[0]
    query = ops.transpose(ops.reshape(query, (-1, beams, heads, length, size)), (0, 2, 1, 3, 4))
    query = ops.reshape(query, (-1, heads, beams * length, size))
    if bias is not None and bias.shape[2] != 1:
        bias = ops.tile(bias, (1, 1, beams, 1))
    return query, bias


def split_beams(context: Any, rows: Any) -> Any:
    """Undo `join_beams`; `rows` is the query before it."""
    if rows.shape[0] is not None and rows.shape[0] == context.shape[0]:
        return context
    count, heads, length, size = ops.shape(rows)
    beams = count // ops.shape(context)[0]
    context = ops.transpose(ops.reshape(context, (-1, heads, beams, length, size)), (0, 2, 1, 3, 4))
    return ops.reshape(context, (count, heads, length, size))


def needs_weights(query: Any, key: Any, value: Any, training: bool) -> bool:
    """Tell that attention weights are always computed: Keras has no fused product on a processor."""
    return True


def attention_softmax(scores: Any) -> Any:
    """Return attention weights. *Shape:* `[..., key]`."""
    # A single key has all the weight; Keras would warn of it.
    return ops.ones_like(scores) if scores.shape[-1] == 1 else ops.softmax(scores, -1)


def mask_later_keys(scores: Any) -> Any:
    """Mask keys after the query's position; the last query has the last key. *Shape:* `[..., query, key]`."""
    queries, keys = ops.shape(scores)[-2:]
    if hasattr(scores, "numpy"):  # every layer does this: without a graph, nothing else sees that it is always the same
        return scores + ops.convert_to_tensor(_later_keys(queries, keys), scores.dtype)
    return scores + infinite_bias(causal_mask(queries, keys, keys - queries, scores), scores)


@lru_cache(maxsize=16)
def _later_keys(queries: int, keys: int) -> np.ndarray:
    return np.triu(np.full((queries, keys), _LOWEST["float16"], "float32"), 1 + keys - queries)


def causal_mask(queries: Any, keys: Any, start: Any, hidden: Any) -> Any:
    """Return 1 where a query may attend: at its own position and before. *Shape:* `[1, query, key]`."""
    query = ops.arange(queries)[None, :, None] + start
    return ops.cast(query >= ops.arange(keys)[None, None, :], "int32")


def additive_bias(visible: Any, fill: float, hidden: Any) -> Any:
    """Return `fill` where `visible` is 0, and 0 where it is 1, of the type of `hidden`."""
    dtype = backend.standardize_dtype(hidden.dtype)
    return (1.0 - ops.cast(visible, dtype)) * max(fill, _LOWEST[dtype])


def infinite_bias(visible: Any, hidden: Any) -> Any:
    """Return what masks for good where `visible` is 0, and 0 elsewhere, of the type of `hidden`."""
    return additive_bias(visible, -float("inf"), hidden)


def head_masks(head_mask: Any, layers: int, hidden: Any) -> Sequence[Any]:
    """Return one mask a layer from the caller's.

    Args:
        head_mask: 1 for kept, 0 for masked heads. *Shape:* `[heads]` or `[layers, heads]`, or a list over layers of
            `[heads]` or None, which masks none.
        layers: number of layers.
        hidden: a tensor of the type of the weights.

    Returns:
        A list over layers. *Shape:* `[1, heads, 1, 1]` each, or None.

    Raises:
        ValueError: the mask has another shape.
    """
    if isinstance(head_mask, list | tuple):
        if len(head_mask) != layers:
            raise ValueError(f"head_mask has {len(head_mask)} entries; expected one for each of {layers} layers")
        return [None if mask is None else head_masks(mask, 1, hidden)[0] for mask in head_mask]
    head_mask = ops.cast(head_mask, hidden.dtype)
    shape = tuple(head_mask.shape)
    if len(shape) == 1:
        return [head_mask[None, :, None, None]] * layers
    if len(shape) == 2 and shape[0] == layers:
        return [head_mask[index][None, :, None, None] for index in range(layers)]
    raise ValueError(f"head_mask has shape {shape}; expected [heads] or [{layers} layers, heads]")


def heads_first(x: Any) -> Any:
    """Move the heads to the front. *Shape:* `[query, key, heads]` to `[1, heads, query, key]`."""
    return ops.transpose(x, (2, 0, 1))[None]
