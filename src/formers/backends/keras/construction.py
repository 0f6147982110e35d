"""Making weights at once: an architecture knows all shapes beforehand."""
import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
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


def accepted(function: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return those arguments that a function takes by name."""
    parameters = inspect.signature(function).parameters
    anything = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    return {name: value for name, value in arguments.items() if anything or name in parameters}


def frozen_layers(model: keras.layers.Layer) -> list[int]:
    """Return the indices of those layers in a layer, in the order in which it was made, whose `trainable` is False."""
    return [index for index, layer in enumerate(model._flatten_layers()) if not layer.trainable]


def freeze_layers(model: keras.layers.Layer, frozen: Collection[int]) -> None:
    """Let the layers of the indices `frozen`, and no others, have a `trainable` that is False; none changes nothing."""
    for index, layer in enumerate(model._flatten_layers() if frozen else ()):
        if layer.trainable == (index in frozen):  # what it is set to holds for all layers below, too: they come later
            layer.trainable = index not in frozen


def freeze_parts(layer: keras.layers.Layer) -> None:
    """Let the parts of a layer that was made with `trainable=False` be frozen, too: they were made after it."""
    for part in layer._flatten_layers(include_self=False) if not layer.trainable else ():
        part.trainable = False
