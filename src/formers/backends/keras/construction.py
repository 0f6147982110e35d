"""Building layers with their weights at once: an architecture knows all shapes beforehand."""
import math
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
import numpy as np

from formers.architecture import ByWidth, Init, Normal

_deferred: ContextVar[bool] = ContextVar("deferred", default=False)


@contextmanager
def deferred() -> Iterator[None]:
    """Weights made inside have no values and, in TensorFlow, no memory yet: someone else gives them values."""
    token = _deferred.set(True)
    try:
        yield
    finally:
        _deferred.reset(token)


@contextmanager
def precision(dtype: Any) -> Iterator[None]:
    """Layers made inside have the precision `dtype`, as `"mixed_float16"`; None changes nothing."""
    if dtype is None:
        yield
        return
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def normal(std: float) -> keras.initializers.Initializer:
    """Values from N(0, std); a new object for every weight, since one gives the same values each time."""
    return _Unfilled() if _deferred.get() else keras.initializers.RandomNormal(0.0, std)


class _Unfilled(keras.initializers.Zeros):
    """Whatever is in fresh memory: the system gives a page only when something is written to it."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if keras.backend.backend() != "tensorflow":
            return super().__call__(shape, dtype)
        import tensorflow as tf

        return tf.raw_ops.Empty(shape=shape, dtype=keras.backend.standardize_dtype(dtype), init=False)


def deviation(init: Init, width: int = 1) -> float:
    """The standard deviation of fresh weights (see `ByWidth`).

    Args:
        init: where they come from.
        width: what they follow from, where they do: the number of inputs of a linear map, say.
    """
    match init:
        case Normal(std):
            return std
        case ByWidth(factor):
            return factor / math.sqrt(width)


def dense(
    inputs: int, outputs: int, init: Init, name: str, bias: bool = True, head_size: int = 1
) -> keras.layers.Dense:
    """A linear map with weights; `head_size` is that of an attention whose queries it makes.

    *Shape:* `[..., inputs]` to `[..., outputs]`.
    """
    std = deviation(init, inputs * head_size)
    layer = keras.layers.Dense(outputs, use_bias=bias, kernel_initializer=normal(std), name=name)
    layer.build((None, inputs))
    return layer


def table(rows: int, size: int, init: Init, name: str, width: int = 1) -> keras.layers.Embedding:
    """A table of `rows` vectors; see `deviation` for `width`. *Shape:* integers `[...]` to `[..., size]`."""
    layer = keras.layers.Embedding(rows, size, embeddings_initializer=normal(deviation(init, width)), name=name)
    layer.build()
    return layer


def dropout(rate: float, name: str = "dropout") -> Any:
    """A dropout layer, or None where nothing is dropped."""
    return keras.layers.Dropout(rate, name=name) if rate else None


def drop(layer: Any, x: Any, training: bool) -> Any:
    """Apply a layer of `dropout` in training."""
    return layer(x, training=True) if layer is not None and training else x


def values_of(variable: Any) -> np.ndarray:
    """A copy of a variable's values."""
    return keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(variable))
