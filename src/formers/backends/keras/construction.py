"""Building layers with their weights at once: an architecture knows all shapes beforehand."""
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import keras
import numpy as np

_deferred: ContextVar[bool] = ContextVar("deferred", default=False)


@contextmanager
def deferred() -> Iterator[None]:
    """Weights made inside are zeros: someone else gives them values."""
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
    return keras.initializers.Zeros() if _deferred.get() else keras.initializers.RandomNormal(0.0, std)


def dense(inputs: int, outputs: int, std: float, name: str, bias: bool = True) -> keras.layers.Dense:
    """A linear map with weights. *Shape:* `[..., inputs]` to `[..., outputs]`."""
    layer = keras.layers.Dense(outputs, use_bias=bias, kernel_initializer=normal(std), name=name)
    layer.build((None, inputs))
    return layer


def table(rows: int, size: int, std: float, name: str) -> keras.layers.Embedding:
    """A table of `rows` vectors. *Shape:* integers `[...]` to `[..., size]`."""
    layer = keras.layers.Embedding(rows, size, embeddings_initializer=normal(std), name=name)
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
