"""Activations by the names that configurations use, in the table of any backend."""
from collections.abc import Callable, Mapping
from typing import Any


def find_activation(activation: str | Callable[..., Any], known: Mapping[str, Any]) -> Any:
    """Return the function of a name; functions are given back as they are.

    Args:
        activation: the name, or a function.
        known: a backend's functions by their names.

    Raises:
        KeyError: the name is unknown; the error lists the known ones.
    """
    if callable(activation):
        return activation
    if activation not in known:
        raise KeyError(f"unknown activation {activation!r}; known are {', '.join(known)}, or pass a function")
    return known[activation]
