"""Data for `fit`, `evaluate` and `predict` besides what Keras takes: outputs of tokenizers, and lists of numbers."""
from collections import UserDict
from typing import Any

from .tensors import as_tensor


def as_data(owner: str, name: str, given: Any) -> Any:
    """Return data as Keras takes it: a `BatchEncoding` as a dict, and numbers in lists as tensors.

    Args:
        owner: name of the model's class.
        name: what the caller calls it.
        given: the data, perhaps in a dict or a tuple; anything else stays.

    Raises:
        TypeError, ValueError: lists make no tensor; see `as_tensor`.
    """
    if isinstance(given, dict | UserDict):
        return {key: as_data(owner, key, given[key]) for key in given.keys()}  # noqa: SIM118 (see `documented_inputs`)
    if type(given) is tuple:
        return tuple(as_data(owner, name, value) for value in given)
    return as_tensor(owner, name, given) if isinstance(given, list) and _is_plain(given) else given


def _is_plain(value: Any) -> bool:
    """Tell whether a value is made of Python's own numbers and texts alone."""
    return isinstance(value, int | float | str) or (isinstance(value, list) and all(map(_is_plain, value[:2])))
