"""Nested lists of integers to the tensors of a framework, and back."""

from __future__ import annotations

import importlib
import operator
from typing import Any

import numpy as np

from formers.frameworks import require
from formers.tokenization.types import TensorType


def as_numpy(name: str, value: Any) -> np.ndarray:
    """Make a rectangular array of integers (or whatever the lists hold).

    Args:
        name: What the value is, for the error.
        value: Nested lists or an array, such as `input_ids`.

    Raises:
        ValueError: If rows differ in length.
    """
    if isinstance(value, np.ndarray):
        return value
    try:
        array = np.asarray(value)
    except (ValueError, TypeError) as error:
        raise ragged(name, value) from error
    if array.dtype == object:
        raise ragged(name, value)
    return array.astype(np.int64) if array.size == 0 or array.dtype.kind == "i" else array


def ragged(name: str, value: Any) -> ValueError:
    """Make the error for rows of different length."""
    if isinstance(value, (list, tuple)) and value and all(isinstance(row, (list, tuple)) for row in value):
        found = f"rows of {min(map(len, value))} to {max(map(len, value))} values"
    else:
        found = f"a value of type {type(value).__name__}"
    return ValueError(
        f"Unable to create tensor of {name!r}: it holds {found}, and a tensor is rectangular. Activate padding and/or "
        "truncation with 'padding=True' 'truncation=True' so that all sequences of the batch have the same length."
    )


def to_framework(array: np.ndarray, kind: TensorType) -> Any:
    """Hand an array over to PyTorch or TensorFlow (NumPy: as it is)."""
    if kind is TensorType.PYTORCH:
        require("torch")
        return importlib.import_module("torch").from_numpy(np.ascontiguousarray(array))
    if kind is TensorType.TENSORFLOW:
        require("tensorflow")
        # v3.0.2 gave 32-bit integers here, as tf.constant does with Python numbers.
        narrow = array.astype(np.int32) if array.dtype == np.int64 else array
        return importlib.import_module("tensorflow").constant(narrow)
    return array


def with_batch_axis(tensor: Any) -> Any:
    """Give a tensor of fewer than two axes a first one; take a first axis of 1 from a tensor of more than two.

    Args:
        tensor: An array of NumPy, PyTorch or TensorFlow.

    Returns:
        The tensor, `[1, seq]` for one of `[seq]`, `[1]` for a single value.
    """
    axes = len(tensor.shape)
    if axes < 2:
        return tensor[None]
    return tensor[0] if axes > 2 and tensor.shape[0] == 1 else tensor


def is_tensor(value: Any) -> bool:
    """Find out whether a value is an array of NumPy, PyTorch or TensorFlow, without importing any of them."""
    return isinstance(value, np.ndarray) or (hasattr(value, "shape") and hasattr(value, "dtype"))


def as_ids(value: Any) -> list[int]:
    """Make a list of token ids from a list, a tensor `[seq]` or one id.

    Raises:
        TypeError: If they are something else.
    """
    listed = as_list(value)
    ids = [listed] if isinstance(listed, int) else listed
    try:
        return [operator.index(index) for index in ids]
    except TypeError as error:
        found = type(ids).__name__
        if isinstance(ids, (list, tuple)):
            found += f" of {', '.join(sorted({type(index).__name__ for index in ids}))}"
        raise TypeError(f"token ids must be integers `[seq]`, but this is a {found}") from error


def as_list(value: Any) -> Any:
    """Turn an array of any framework into lists; leave lists as they are."""
    if is_tensor(value):
        return value.numpy().tolist() if not hasattr(value, "tolist") else value.tolist()
    return value
