"""Norms of the vocabulary as layers."""
from typing import Any

import keras

from formers.architecture import LayerNorm, NoNorm, Norm, RMSNorm


class Affine(keras.layers.Layer):
    """`x * gamma + beta`. *Shape:* `[..., hidden]`."""

    def build(self, input_shape: Any) -> None:
        """Create the weights."""
        self.gamma = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="beta")

    def call(self, x: Any) -> Any:
        """Scale and shift."""
        return x * self.gamma + self.beta


def build_norm(norm: Norm, hidden: int, name: str) -> keras.layers.Layer:
    """The layer, with its weights, of a norm over vectors of length `hidden`."""
    layer: keras.layers.Layer
    match norm:
        case LayerNorm(eps):
            layer = keras.layers.LayerNormalization(epsilon=eps, name=name)
        case RMSNorm(eps):
            layer = keras.layers.RMSNormalization(epsilon=eps, name=name)
        case NoNorm():
            layer = Affine(name=name)
    layer.build((None, hidden))
    return layer
