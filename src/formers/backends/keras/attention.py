"""Multi-head attention of a sequence to itself."""
from typing import Any

import keras
from keras import ops

from formers.architecture import SelfAttention

from .construction import dense, drop, dropout
from .pruning import prune_dense


class Attention(keras.layers.Layer):
    """Multi-head scaled dot-product attention (Vaswani et al., 2017).

    Args:
        spec: the numbers.
        hidden: width of the residual stream.
        std: standard deviation of fresh weights.
        name: name of the layer.
    """

    def __init__(self, spec: SelfAttention, hidden: int, std: float, name: str):
        super().__init__(name=name)
        self.spec = spec
        self.heads = spec.heads
        self.pruned = frozenset(spec.pruned)
        inner = spec.heads * spec.head_size
        self.query = dense(hidden, inner, std, "query", spec.bias)
        self.key = dense(hidden, inner, std, "key", spec.bias)
        self.value = dense(hidden, inner, std, "value", spec.bias)
        self.output_ = dense(inner, hidden, std, "output", spec.bias)
        self.dropout = dropout(spec.dropout)
        self.built = True

    def call(
        self,
        hidden: Any,
        hiding: Any | None = None,
        head_factor: Any | None = None,
        want_weights: bool = False,
        training: bool = False,
    ) -> tuple[Any, Any]:
        """Attend.

        Args:
            hidden: *Shape:* `[batch, seq, hidden]`.
            hiding: added to the scores. *Shape:* broadcasts to `[batch, heads, query, key]`.
            head_factor: factor on the weights. *Shape:* `[1, heads, 1, 1]`.
            want_weights: give the weights too.
            training: drop weights.

        Returns:
            Output, *shape* `[batch, query, hidden]`, and the weights, *shape* `[batch, heads, query, key]`, or None.
        """
        query, key, value = (self._split(part(hidden)) for part in (self.query, self.key, self.value))
        # The scale belongs to the product, but the queries are the smaller tensor.
        scores = ops.matmul(query * self.spec.scale, ops.transpose(key, (0, 1, 3, 2)))
        if hiding is not None:
            scores = scores + hiding
        weights = drop(self.dropout, ops.softmax(scores, -1), training)
        if head_factor is not None:
            weights = weights * head_factor
        context = ops.transpose(ops.matmul(weights, value), (0, 2, 1, 3))
        context = ops.reshape(context, (*ops.shape(context)[:2], self.heads * self.spec.head_size))
        return self.output_(context), weights if want_weights else None

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
        for part in (self.query, self.key, self.value):
            prune_dense(part, index, axis=1)
        prune_dense(self.output_, index, axis=0)
        self.heads = len(kept)
        self.pruned |= heads
