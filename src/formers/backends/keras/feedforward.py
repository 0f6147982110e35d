"""The feed-forward block."""
from typing import Any

import keras
from keras import ops

from formers.architecture import FeedForward as FeedForwardSpec
from formers.architecture import Init

from .activations import get_activation
from .construction import dense, drop, dropout


class FeedForward(keras.layers.Layer):
    """Two linear maps with an activation between; the first of a gated block is a product of two.

    *Shape:* `[batch, seq, hidden]` in and out.

    Args:
        spec: the numbers.
        hidden: width of the residual stream.
        init: where fresh weights come from.
        name: name of the layer.
    """

    def __init__(self, spec: FeedForwardSpec, hidden: int, init: Init, name: str):
        super().__init__(name=name)
        self.spec = spec
        self.activation = get_activation(spec.activation)
        if spec.gated:
            self.gate = dense(hidden, spec.size, init, "gate", spec.bias)
            self.linear = dense(hidden, spec.size, init, "linear", spec.bias)
        else:
            self.up = dense(hidden, spec.size, init, "up", spec.bias)
        self.down = dense(spec.size, hidden, init, "down", spec.bias)
        self.dropout = dropout(spec.dropout)
        self.built = True

    def call(self, x: Any, training: bool = False) -> Any:
        """Compute the block, over slices of the sequence if the spec says so."""
        size, length = self.spec.chunk_size, x.shape[1]
        if not size:
            return self._compute(x, training)
        if length is None or length % size:
            raise ValueError(f"the length {length} is no multiple of chunk_size_feed_forward {size}")
        slices = [self._compute(x[:, start : start + size], training) for start in range(0, length, size)]
        return ops.concatenate(slices, 1)

    def _compute(self, x: Any, training: bool) -> Any:
        inner = self.activation(self.gate(x)) * self.linear(x) if self.spec.gated else self.activation(self.up(x))
        return self.down(drop(self.dropout, inner, training))
