"""Multi-head attention, of a sequence to itself or to an encoder's states."""
from typing import Any

import keras
from keras import ops

from formers.architecture import CrossAttention, Init, SelfAttention

from .caches import KeyValues
from .construction import dense, drop, dropout
from .pruning import prune_dense


class Attention(keras.layers.Layer):
    """Multi-head scaled dot-product attention (Vaswani et al., 2017).

    Args:
        spec: the numbers.
        hidden: width of the residual stream.
        init: where fresh weights come from.
        name: name of the layer.
    """

    def __init__(self, spec: SelfAttention | CrossAttention, hidden: int, init: Init, name: str):
        super().__init__(name=name)
        self.spec = spec
        self.heads = spec.heads
        self.pruned = frozenset(spec.pruned) if isinstance(spec, SelfAttention) else frozenset()
        inner = spec.heads * spec.head_size
        self.qkv = None
        if isinstance(spec, SelfAttention) and spec.projections == "joined":
            self.qkv = dense(hidden, 3 * inner, init, "qkv", spec.bias)
        else:
            self.query = dense(hidden, inner, init, "query", spec.bias, head_size=spec.head_size)
            self.key = dense(hidden, inner, init, "key", spec.bias)
            self.value = dense(hidden, inner, init, "value", spec.bias)
        self.output_ = dense(inner, hidden, init, "output", spec.bias)
        self.dropout = dropout(spec.dropout)
        self.built = True

    def call(
        self,
        hidden: Any,
        source: Any | None = None,
        hiding: Any | None = None,
        head_factor: Any | None = None,
        want_weights: bool = False,
        cache: KeyValues | None = None,
        training: bool = False,
    ) -> tuple[Any, Any]:
        """Attend.

        Args:
            hidden: *Shape:* `[batch, query, hidden]`.
            source: states to attend to, `hidden` itself by default. *Shape:* `[batch, key, hidden]`.
            hiding: added to the scores. *Shape:* broadcasts to `[batch, heads, query, key]`.
            head_factor: factor on the weights. *Shape:* `[1, heads, 1, 1]`.
            want_weights: give the weights too.
            cache: earlier keys and values, to which those of `hidden` are added; with a `source`, those of the source,
                which are computed if the cache is empty.
            training: drop weights.

        Returns:
            Output, *shape* `[batch, query, hidden]`, and the weights, *shape* `[batch, heads, query, key]`, or None.
        """
        query, key, value = self._project(hidden, source, cache)
        # Beams share the keys of their encoder row: they stand side by side as queries.
        rows, length = ops.shape(query)[0], ops.shape(query)[2]
        shared = source is not None and (query.shape[0] is None or query.shape[0] != key.shape[0])
        if shared:
            beams = rows // ops.shape(key)[0]
            query = ops.reshape(query, (-1, beams, self.heads, length, self.spec.head_size))
            query = ops.transpose(query, (0, 2, 1, 3, 4))
            query = ops.reshape(query, (-1, self.heads, beams * length, self.spec.head_size))
            if hiding is not None and hiding.shape[2] != 1:
                hiding = ops.tile(hiding, (1, 1, beams, 1))
        # The scale belongs to the product, but the queries are the smaller tensor.
        scores = ops.matmul(query * self.spec.scale, ops.transpose(key, (0, 1, 3, 2)))
        if hiding is not None:
            scores = scores + hiding
        # A single key has all the weight; Keras would warn of it.
        weights = ops.ones_like(scores) if scores.shape[-1] == 1 else ops.softmax(scores, -1)
        weights = drop(self.dropout, weights, training)
        if head_factor is not None:
            weights = weights * head_factor
        context = ops.matmul(weights, value)
        if shared:
            context = ops.reshape(context, (-1, self.heads, beams, length, self.spec.head_size))
            context = ops.reshape(ops.transpose(context, (0, 2, 1, 3, 4)), (rows, self.heads, length, -1))
        context = ops.transpose(context, (0, 2, 1, 3))
        context = ops.reshape(context, (*ops.shape(context)[:2], self.heads * self.spec.head_size))
        return self.output_(context), weights if want_weights else None

    def _project(self, hidden: Any, source: Any | None, cache: KeyValues | None) -> tuple[Any, Any, Any]:
        """Queries, keys and values. *Shape:* `[batch, heads, seq, head_size]`."""
        if self.qkv is not None:
            parts = self.qkv(hidden)
            parts = ops.reshape(parts, (*ops.shape(parts)[:2], 3, self.heads, self.spec.head_size))
            query, key, value = ops.unstack(ops.transpose(parts, (2, 0, 3, 1, 4)), 3)
        else:
            query = self._split(self.query(hidden))
            if source is not None and cache is not None and not cache.is_empty:
                return query, *cache.read()
            states = hidden if source is None else source
            key, value = self._split(self.key(states)), self._split(self.value(states))
        if cache is not None:
            key, value = cache.append(key, value)
        return query, key, value

    def _split(self, x: Any) -> Any:
        """`[batch, seq, heads * head_size]` to `[batch, heads, seq, head_size]`."""
        x = ops.reshape(x, (*ops.shape(x)[:2], self.heads, self.spec.head_size))
        return ops.transpose(x, (0, 2, 1, 3))

    def prune_heads(self, heads: set[int]) -> None:
        """Remove `heads`, numbered as in the full model; those that are gone already are passed over."""
        heads = heads - self.pruned
        if not heads:
            return
        total = self.heads + len(self.pruned)
        wrong = sorted(head for head in heads if not 0 <= head < total)
        if wrong:
            raise ValueError(f"cannot prune heads {wrong}: the attention has heads 0 to {total - 1}")
        left = [head for head in range(total) if head not in self.pruned]
        kept = [place for place, head in enumerate(left) if head not in heads]
        size = self.spec.head_size
        index = [place * size + offset for place in kept for offset in range(size)]
        if self.qkv is not None:
            inner = self.heads * size
            prune_dense(self.qkv, [part * inner + place for part in range(3) for place in index], axis=1)
        else:
            for part in (self.query, self.key, self.value):
                prune_dense(part, index, axis=1)
        prune_dense(self.output_, index, axis=0)
        self.heads = len(kept)
        self.pruned |= heads
