"""What a caller may give for a tensor, brought to one."""
from typing import Any

import keras
import numpy as np
from keras import ops

_PAD = (
    "pad it with tokenizer(..., padding=True), which also gives the attention_mask, or with `.to_tensor()` of a "
    "RaggedTensor"
)


def as_tensor(owner: str, name: str, value: Any) -> Any:
    """Return a value as a tensor; what is one already, and None, stays.

    Args:
        owner: name of the class that is called.
        name: the argument.
        value: an array, a tensor, or numbers in lists.

    Raises:
        TypeError: it is text, or a sparse tensor.
        ValueError: its rows have different lengths, or it is no array for another reason.
    """
    if value is None or isinstance(value, keras.KerasTensor):
        return value
    if hasattr(value, "row_splits"):
        raise ValueError(f"{owner}: {name} is a ragged tensor; expected rows of one length: {_PAD}")
    if hasattr(value, "dense_shape") or hasattr(value, "todense"):
        raise TypeError(f"{owner}: {name} is a sparse tensor; expected a dense one: convert it with tf.sparse.to_dense")
    if not hasattr(value, "shape") or isinstance(value, np.ndarray):
        try:
            value = ops.convert_to_tensor(value)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{owner}: {_not_an_array(name, value)}") from error
    if "str" in str(value.dtype):
        raise TypeError(
            f"{owner}: {name} is text; expected numbers: make ids of it with tokenizer(texts, padding=True, "
            'return_tensors="tf")'
        )
    return value


def as_head_mask(owner: str, name: str, value: Any) -> Any:
    """Return a head mask as a tensor, or as a list over layers of tensors or None, if it is a list with None.

    Raises:
        TypeError, ValueError: see `as_tensor`.
    """
    by_layer = isinstance(value, list | tuple) and any(item is None for item in value)
    return [as_tensor(owner, name, item) for item in value] if by_layer else as_tensor(owner, name, value)


def _not_an_array(name: str, value: Any) -> str:
    """Return what to tell about a value that does not become a tensor."""
    lengths = {len(row) for row in value if isinstance(row, list | tuple)} if isinstance(value, list | tuple) else set()
    if len(lengths) > 1:
        return f"{name} has rows of {min(lengths)} to {max(lengths)} entries; expected rows of one length: {_PAD}"
    return f"{name} is a {type(value).__name__} that makes no array; expected numbers in rows of one length: {_PAD}"
