"""Weights of layers that are in use, replaced by others of another shape."""
from collections.abc import Sequence
from typing import Any

import keras
import numpy as np

from .construction import values_of


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


def prune_dense(layer: keras.layers.Dense, index: Sequence[int], axis: int) -> None:
    """Keep the inputs (`axis=0`) or outputs (`axis=1`) of `index` of a linear map."""
    kernel = np.take(values_of(layer.kernel), list(index), axis=axis)
    replace_weight(layer, "_kernel", kernel)
    layer.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: kernel.shape[0]})
    if axis == 1:
        layer.units = kernel.shape[1]
        if layer.bias is not None:
            replace_weight(layer, "bias", np.take(values_of(layer.bias), list(index), axis=0))
