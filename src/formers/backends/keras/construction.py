"""Making weights at once: an architecture knows all shapes beforehand."""
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from formers.network.deferred import is_deferred


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
    """Return what gives values from N(0, std): a new object for every weight, for one always gives the same values."""
    return _Unfilled() if is_deferred() else keras.initializers.RandomNormal(0.0, std)


class _Unfilled(keras.initializers.Zeros):
    """Gives whatever is in newly allocated memory: the system gives a page only when something is written to it."""

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        if keras.backend.backend() != "tensorflow":
            return super().__call__(shape, dtype)
        import tensorflow as tf

        return tf.raw_ops.Empty(shape=shape, dtype=keras.backend.standardize_dtype(dtype), init=False)


def values_of(variable: Any) -> np.ndarray:
    """Return a copy of a variable's values."""
    return keras.ops.convert_to_numpy(keras.ops.convert_to_tensor(variable))


def replace_weight(layer: keras.layers.Layer, attribute: str, values: np.ndarray) -> Any:
    """Put a new variable with `values` in the place of a layer's variable; name and trainability stay.

    Args:
        layer: the owner.
        attribute: where the owner keeps the variable.
        values: what the new variable holds.

    Returns:
        The new variable.
    """
    old = getattr(layer, attribute)
    layer._tracker.unlock()  # Keras forbids new variables in built layers, though not to its own layers
    layer._untrack_variable(old)
    new = keras.Variable(values, trainable=old.trainable, dtype=old.dtype, name=old.name)
    new._path = old.path
    setattr(layer, attribute, new)
    layer._tracker.lock()
    return new
