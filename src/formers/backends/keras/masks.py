"""Attention masks: from the caller's ones and zeros to what is added to the scores."""
from typing import Any

from keras import ops

from formers.architecture import AdditiveMask, Mask

# What stands for minus infinity: a row with nothing visible still gives numbers, in half precision too.
_LOWEST = {"float16": -6e4, "bfloat16": -1e30, "float32": -1e30, "float64": -1e30}


def padding_mask(attention_mask: Any, mask: Mask, dtype: str) -> Any:
    """What is added to the scores so that positions with 0 stay hidden.

    Args:
        attention_mask: 1 for visible, 0 for hidden. *Shape:* `[batch, key]` or `[batch, query, key]`.
        mask: how to hide.
        dtype: type of the scores.

    Returns:
        *Shape:* `[batch, 1, 1 or query, key]`.

    Raises:
        ValueError: the mask has another number of axes.
    """
    axes = len(attention_mask.shape)
    if axes not in (2, 3):
        raise ValueError(
            f"attention_mask has shape {tuple(attention_mask.shape)}; expected [batch, seq] or [batch, query, key]"
        )
    visible = ops.cast(attention_mask, dtype)
    visible = visible[:, None, :, :] if axes == 3 else visible[:, None, None, :]
    fill = max(mask.fill, _LOWEST[dtype]) if isinstance(mask, AdditiveMask) else _LOWEST[dtype]
    return (1.0 - visible) * fill


def causal_mask(queries: Any, keys: Any, start: Any = 0) -> Any:
    """1 where a query may look: at its own position and before.

    Args:
        queries: number of queries.
        keys: number of keys, at the positions 0, 1, ...
        start: position of the first query.

    Returns:
        *Shape:* `[1, queries, keys]`.
    """
    query = ops.arange(queries)[None, :, None] + start
    return ops.cast(query >= ops.arange(keys)[None, None, :], "int32")


def head_masks(head_mask: Any | None, layers: int, dtype: str) -> list[Any]:
    """One mask a layer from the caller's.

    Args:
        head_mask: 1 for kept, 0 for silenced heads. *Shape:* `[heads]` or `[layers, heads]`.
        layers: number of layers.
        dtype: type of the attention weights.

    Returns:
        A list over layers. *Shape:* `[1, heads, 1, 1]` each, or None.

    Raises:
        ValueError: the mask has another shape.
    """
    if head_mask is None:
        return [None] * layers
    head_mask = ops.cast(head_mask, dtype)
    shape = tuple(head_mask.shape)
    if len(shape) == 1:
        return [head_mask[None, :, None, None]] * layers
    if len(shape) == 2 and shape[0] == layers:
        return [head_mask[i][None, :, None, None] for i in range(layers)]
    raise ValueError(f"head_mask has shape {shape}; expected [heads] or [{layers} layers, heads]")
