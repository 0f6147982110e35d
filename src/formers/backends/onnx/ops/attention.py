"""Operations of attention: heads, scores, masks."""
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import FLOAT, INT, MICROSOFT, Graph, Symbol, vector
from .arrays import arange, permute, where


class Heads(Symbol):
    """Heads of an attention, *shape* `[batch, heads, seq, size]`, kept side by side as `[batch, seq, heads * size]`.

    ONNX Runtime's attention splits heads by itself. The nodes that split them are written for an operation that needs
    the axis of heads.

    Args:
        joined: *Shape:* `[batch, seq, heads * size]`.
        size: length of the vectors of a head.
    """

    def __init__(self, joined: Symbol, size: int):
        batch, length, width = joined.shape
        assert isinstance(width, int)
        super().__init__(joined.graph, "", joined.dtype, (batch, width // size, length, size))
        self.joined = joined

    @property
    def name(self) -> str:
        """Its name in the graph, where it is split now."""
        if not self._name:
            self._name = permute(reshape_heads(self.joined, self.shape[-1]), (0, 2, 1, 3)).name
        return self._name


def reshape_heads(x: Symbol, size: Any) -> Symbol:
    """Split the last axis. *Shape:* `[batch, seq, heads * size]` to `[batch, seq, heads, size]`."""
    batch, length, width = x.shape
    assert isinstance(width, int)
    target = x.graph.constant([0, 0, width // size, size], INT)  # 0 for an axis as it is
    return x.graph.node("Reshape", x, target, dtype=x.dtype, shape=(batch, length, width // size, size))


def split_heads(x: Symbol, size: int) -> Symbol:
    """Split the last axis into heads. *Shape:* `[batch, seq, heads * size]` to `[batch, heads, seq, size]`."""
    return Heads(x, size)


def split_projections(x: Symbol, size: int) -> tuple[Symbol, Symbol, Symbol]:
    """Split what one linear layer gave for queries, keys and values. *Shape:* `[batch, heads, seq, size]` each."""
    width = x.shape[-1]
    assert isinstance(width, int)
    sizes = x.graph.constant([width // 3] * 3, INT)
    parts = x.graph.nodes(
        "Split", x, sizes, dtype=x.dtype, shapes=((*x.shape[:-1], width // 3),) * 3, axis=x.rank - 1
    )
    query, key, value = (Heads(part, size) for part in parts)
    return query, key, value


def join_heads(x: Symbol) -> Symbol:
    """Put heads side by side. *Shape:* `[batch, heads, seq, size]` to `[batch, seq, heads * size]`."""
    if isinstance(x, Heads):
        return x.joined
    batch, heads, length, size = x.shape
    assert isinstance(heads, int) and isinstance(size, int)
    target = x.graph.constant([0, 0, heads * size], INT)
    rows = permute(x, (0, 2, 1, 3))
    return x.graph.node("Reshape", rows, target, dtype=x.dtype, shape=(batch, length, heads * size))


def join_beams(query: Symbol, key: Symbol, bias: Symbol | None) -> tuple[Symbol, Symbol | None]:
    """Return queries and bias as they are: the encoder's states have as many rows as the decoder's.

    Raises:
        ValueError: they are known to have not.
    """
    rows, others = query.shape[0], key.shape[0]
    if rows != others and 1 not in (rows, others):
        raise ValueError(f"the encoder's states have {others} rows and the decoder's {rows}; expected as many")
    return query, bias


def split_beams(context: Symbol, rows: Symbol) -> Symbol:
    """Undo `join_beams`; `rows` is the query before it."""
    return context


def needs_weights(query: Symbol, key: Symbol, value: Symbol, training: bool) -> bool:
    """Tell whether attention weights must be computed one by one: ONNX Runtime's attention does without."""
    return False


def attend(
    query: Symbol, key: Symbol, value: Symbol, bias: Symbol | None, causal: bool, scale: float, dropout: Any
) -> Symbol:
    """Attend by ONNX Runtime's attention.

    Args:
        query, key, value: *Shape:* `[batch, heads, seq, size]`.
        bias: added to the scores.
        causal: besides, look at earlier positions only.
        scale: factor on the products.
        dropout: the dropout of the attention weights, which drops nothing.

    Returns:
        *Shape:* `[batch, heads, query, size]`.
    """
    graph, (_, heads, length, size) = query.graph, query.shape
    if causal:
        masked = _causal_bias(graph, graph.size(query, 2), graph.size(key, 2))
        bias = masked if bias is None else bias + masked
    if bias is not None and bias.shape[2] != length:
        # The operator wants a row for each query; all layers share it.
        rows = vector(graph, [1, 1, graph.size(query, 2), 1])
        bias = graph.node("Expand", bias, rows, dtype=FLOAT, shape=(*bias.shape[:2], length, bias.shape[3]))
    joined = join_heads(query)
    context = graph.node(
        "MultiHeadAttention", joined, join_heads(key), join_heads(value), None, None, bias,
        dtype=FLOAT, shape=joined.shape, domain=MICROSOFT, num_heads=heads, scale=scale,
    )  # fmt: skip
    return Heads(context, int(size))


def attention_softmax(scores: Symbol) -> Symbol:
    """Return attention weights. *Shape:* `[..., key]`."""
    return scores.graph.node("Softmax", scores, dtype=FLOAT, shape=scores.shape, axis=-1)


def mask_later_keys(scores: Symbol) -> Symbol:
    """Mask keys after the query's position; the last query has the last key. *Shape:* `[..., query, key]`."""
    graph = scores.graph
    return scores + _causal_bias(graph, graph.size(scores, scores.rank - 2), graph.size(scores, scores.rank - 1))


def _causal_bias(graph: Graph, queries: Any, keys: Any) -> Symbol:
    """Return minus infinity for keys after the query's position, else 0. *Shape:* `[1, 1, query, key]`."""
    visible = _visible(graph, queries, keys, keys - queries)
    return infinite_bias(visible[None, None], graph.constant(0.0, FLOAT))


def _visible(graph: Graph, queries: Any, keys: Any, start: Any) -> Symbol:
    like = graph.constant(0, INT)
    query, key = arange(queries, like) + start, arange(keys, like)
    return key[None] <= query[:, None]


def causal_mask(queries: Any, keys: Any, start: Any, hidden: Symbol) -> Symbol:
    """Return 1 where a query may attend: at its own position and before. *Shape:* `[1, query, key]`."""
    return _visible(hidden.graph, queries, keys, start)[None].cast(INT)


def additive_bias(visible: Symbol, fill: float, hidden: Symbol) -> Symbol:
    """Return `fill` where `visible` is 0, and 0 where it is 1."""
    return (1.0 - visible.cast(FLOAT)) * fill


def infinite_bias(visible: Symbol, hidden: Symbol) -> Symbol:
    """Return minus infinity where `visible` is 0, and 0 elsewhere."""
    return where(visible.cast(INT) == 0, -np.inf, 0.0)


def head_masks(head_mask: Symbol, layers: int, hidden: Symbol) -> Sequence[Symbol]:
    """Return one mask a layer from the caller's.

    Args:
        head_mask: 1 for kept, 0 for masked heads. *Shape:* `[heads]` or `[layers, heads]`.
        layers: number of layers.
        hidden: the hidden states.

    Returns:
        A list over layers. *Shape:* `[1, heads, 1, 1]` each.

    Raises:
        ValueError: the mask has another shape.
    """
    if head_mask.rank == 1:
        return [head_mask[None, :, None, None]] * layers
    if head_mask.rank != 2 or head_mask.shape[0] != layers:
        raise ValueError(f"head_mask has shape {list(head_mask.shape)}; expected [heads] or [{layers} layers, heads]")
    return [head_mask[index][None, :, None, None] for index in range(layers)]


def heads_first(x: Symbol) -> Symbol:
    """Move the heads to the front. *Shape:* `[query, key, heads]` to `[1, heads, query, key]`."""
    return permute(x, (2, 0, 1))[None]
