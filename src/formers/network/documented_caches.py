"""The structures in which callers give and get the keys and values of earlier positions."""
from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from formers.architecture import CacheFormat

from .caches import KeyValues


class GivenKeyValues(KeyValues):
    """Keys and values that the caller of a layer gave.

    Args:
        ops: the operations of the backend.
        past: keys and values of earlier positions: a pair, or a tensor with a first axis of length two; or None.
        wanted: the caller gets them back, with the new ones.
    """

    def __init__(self, ops: Any, past: Any, wanted: bool):
        super().__init__(ops)
        self.wanted = wanted
        if past is not None:
            self.append(past[0], past[1])


def given_past(ops: Any, past: Any, use_cache: bool) -> GivenKeyValues | None:
    """Return the cache for documented arguments; None where none is needed."""
    return GivenKeyValues(ops, past, use_cache) if use_cache or past is not None else None


def documented_present(ops: Any, cache: KeyValues | None) -> Any:
    """Return what a caller gets back: one tensor, or `(None,)`. *Shape:* `[2, batch, heads, length, head_size]`."""
    if cache is None or not getattr(cache, "wanted", True):
        return (None,)
    return ops.stack(cache.read(), 0)


def fill_cache(cache: Any, form: CacheFormat | None, past: Any) -> None:
    """Put a documented structure into an empty cache.

    Args:
        cache: the cache.
        form: the structure.
        past: what the caller gave.

    Raises:
        ValueError: it is not such a structure.
    """
    layers = len(cache.self_attention)
    # A compiled function may have turned the list of layers into a tensor with one axis more.
    count = past.shape[0] if hasattr(past, "shape") else len(past) if isinstance(past, Sequence) else None
    if count != layers:
        found = type(past).__name__ if count is None else f"{count} entries"
        raise ValueError(f"keys and values of earlier steps need an entry for each of {layers} layers, found {found}")
    for number, (own, cross) in enumerate(zip(cache.self_attention, cache.cross_attention, strict=True)):
        layer = past[number]
        match form, layer:
            case CacheFormat.STACKED, _ if hasattr(layer, "shape"):
                own.append(layer[0], layer[1])
            case CacheFormat.STACKED, (key, value):
                own.append(key, value)
            case CacheFormat.TUPLES, (key, value, cross_key, cross_value):
                own.append(key, value)
                cross.append(cross_key, cross_value)
            case CacheFormat.NAMED, Mapping():
                own.append(layer["self"]["prev_key"], layer["self"]["prev_value"])
                cross.append(layer["encoder_decoder"]["prev_key"], layer["encoder_decoder"]["prev_value"])
            case _:
                expected = "no cache" if form is None else form.value
                raise ValueError(f"the keys and values of a layer are a {type(layer).__name__}; expected {expected}")


def documented_cache(cache: Any, form: CacheFormat | None, stack: Callable[[Any, int], Any]) -> Any:
    """Return a cache in a documented structure (see `CacheFormat`); `stack` makes one tensor of a pair.

    Raises:
        ValueError: a layer did not compute, and the structure has no place for that.
    """
    if cache is None:
        return None
    pairs = [*zip(cache.self_attention, cache.cross_attention, strict=True)]
    match form:
        case CacheFormat.STACKED:
            if any(own.is_empty for own, _ in pairs):
                raise ValueError("a layer that is left out in training has no keys and values: pass use_cache=False")
            return tuple(stack(own.read(), 0) for own, _ in pairs)
        case CacheFormat.TUPLES:
            return tuple((*own.read(), *cross.read()) for own, cross in pairs)
        case CacheFormat.NAMED:
            return [{"self": _named(own), "encoder_decoder": _named(cross)} for own, cross in pairs]
    return None


def _named(layer: Any) -> dict[str, Any]:
    key, value = layer.read()
    return {"prev_key": key, "prev_value": value, "prev_key_padding_mask": None}
