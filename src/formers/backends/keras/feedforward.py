"""The feed-forward block."""
from typing import Any

import keras
from keras import ops

from formers.architecture import FeedForward as FeedForwardSpec

from .activations import get_activation
from .construction import dense, drop, dropout


class FeedForward(keras.layers.Layer):
    """Two linear maps with an activation between. *Shape:* `[batch, seq, hidden]` in and out.

    Args:
        spec: the numbers.
        hidden: width of the residual stream.
        std: standard deviation of fresh weights.
        name: name of the layer.
    """

    def __init__(self, spec: FeedForwardSpec, hidden: int, std: float, name: str):
        super().__init__(name=name)
        if spec.gated:
            raise NotImplementedError("the Keras backend has no gated feed-forward block")
        self.spec = spec
        self.activation = get_activation(spec.activation)
        self.up = dense(hidden, spec.size, std, "up", spec.bias)
        self.down = dense(spec.size, hidden, std, "down", spec.bias)
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
        return self.down(drop(self.dropout, self.activation(self.up(x)), training))
