"""Keys and values of earlier positions: one form inside, the documented structures at the boundary.

The counterpart of the PyTorch backend's caches. Tensors cannot be changed in place here, so a cache holds new ones
after each step. A compiled step takes what a cache holds as its arguments and gives it back: `Cache.tensors` and
`Cache.resume`.
"""
from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops

from formers.architecture import CacheFormat


class KeyValues:
    """Keys and values of one attention block.

    Attributes:
        capacity: number of positions that the tensors have room for; None to grow with every call.
        length: number of positions known. Where it is a tensor, `read` gives all places that there is room for, since
            shapes must not depend on it: the caller hides those that hold nothing.

    Args:
        capacity: see above.
    """

    def __init__(self, capacity: int | None = None):
        self.capacity = capacity
        self.length: Any = 0
        self._key: Any | None = None
        self._value: Any | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever put in."""
        return self._key is None

    @property
    def places(self) -> Any:
        """Number of positions that `read` gives: those known, or where their number is a tensor, the capacity."""
        return self.length if isinstance(self.length, int) else self.capacity

    def append(self, key: Any, value: Any) -> tuple[Any, Any]:
        """Add the keys and values of new positions. *Shape:* `[batch, heads, new, head_size]`.

        Returns:
            Those of all positions so far. *Shape:* `[batch, heads, places, head_size]`.

        Raises:
            ValueError: the capacity does not suffice.
        """
        start, self.length = self.length, self.length + ops.shape(key)[2]
        if self.capacity is None:
            self._key = key if self._key is None else ops.concatenate([self._key, key], 2)
            self._value = value if self._value is None else ops.concatenate([self._value, value], 2)
            return self._key, self._value
        if isinstance(self.length, int) and self.length > self.capacity:
            raise ValueError(f"the cache has room for {self.capacity} positions, and {self.length} are asked for")
        if self._key is None:
            batch, heads, _, size = ops.shape(key)
            self._key = ops.zeros((batch, heads, self.capacity, size), key.dtype)
            self._value = ops.zeros((batch, heads, self.capacity, size), value.dtype)
        self._key = ops.slice_update(self._key, (0, 0, start, 0), key)
        self._value = ops.slice_update(self._value, (0, 0, start, 0), value)
        return self.read()

    def read(self) -> tuple[Any, Any]:
        """The keys and values of all positions so far. *Shape:* `[batch, heads, places, head_size]`."""
        assert self._key is not None and self._value is not None
        if self.capacity is None or not isinstance(self.length, int):
            return self._key, self._value
        return self._key[:, :, : self.length], self._value[:, :, : self.length]

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        if not isinstance(self.length, int):
            self.length = ops.minimum(self.length, length)
            return
        self.length = min(self.length, length)
        if self.capacity is None and self._key is not None and self._value is not None:
            self._key, self._value = self._key[:, :, : self.length], self._value[:, :, : self.length]

    def reorder(self, rows: Any) -> None:
        """Let row `i` go on from what row `rows[i]` holds."""
        if self._key is not None:
            self._key, self._value = ops.take(self._key, rows, axis=0), ops.take(self._value, rows, axis=0)

    def tensors(self) -> tuple[Any, Any] | None:
        """What is held, with room for more where there is a capacity; None if that is nothing."""
        return None if self._key is None else (self._key, self._value)

    @classmethod
    def resume(cls, tensors: tuple[Any, Any] | None, length: Any, capacity: int | None) -> "KeyValues":
        """The opposite of `tensors`."""
        found = cls(capacity)
        if tensors is not None:
            found._key, found._value = tensors
            found.length = length
        return found


class Cache:
    """What a decoder knows of earlier positions, and of the encoder.

    The attention across to an encoder has its keys and values computed once. They may belong to fewer rows than the
    decoder has: then each encoder row serves as many decoder rows that follow each other (beams).

    Args:
        layers: number of layers.
        capacity: number of positions, see `KeyValues`.
    """

    def __init__(self, layers: int, capacity: int | None = None):
        self.capacity = capacity
        self.own = [KeyValues(capacity) for _ in range(layers)]
        self.across = [KeyValues() for _ in range(layers)]

    @property
    def length(self) -> Any:
        """Number of positions known."""
        return self.own[0].length if self.own else 0

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        for layer in self.own:
            layer.crop(length)

    def expand(self, times: int) -> None:
        """Let every row be `times` rows that follow each other; they share what is known of the encoder."""
        held = self.own[0].tensors() if self.own else None
        if held is not None:
            self.reorder(ops.repeat(ops.arange(ops.shape(held[0])[0]), times))

    def reorder(self, rows: Any) -> None:
        """Let row `i` go on from what row `rows[i]` holds; rows stay with their encoder row."""
        for layer in self.own:
            layer.reorder(rows)

    def tensors(self) -> list[tuple[Any, Any]]:
        """Of each layer what it holds of its own positions and of the encoder, see `KeyValues.tensors`."""
        return [(own.tensors(), across.tensors()) for own, across in zip(self.own, self.across, strict=True)]

    @classmethod
    def resume(cls, tensors: Sequence[tuple[Any, Any]], length: Any, capacity: int | None) -> "Cache":
        """A cache that goes on from the tensors of another.

        Args:
            tensors: what `tensors` gave.
            length: number of positions known, a number or a scalar tensor (see `KeyValues.length`).
            capacity: that of the other cache.
        """
        cache = cls(0, capacity)
        for own, across in tensors:
            cache.own.append(KeyValues.resume(own, length, capacity))
            cache.across.append(KeyValues.resume(across, 0 if across is None else ops.shape(across[0])[2], None))
        return cache


def read_cache(form: CacheFormat | None, past: Any, layers: int) -> Cache:
    """The cache in a documented structure.

    Args:
        form: the structure.
        past: what the caller gave.
        layers: number of layers of the model.

    Raises:
        ValueError: it is no such structure.
    """
    # A compiled function may have turned the list of layers into a tensor with one axis more.
    count = past.shape[0] if hasattr(past, "shape") else len(past) if isinstance(past, Sequence) else None
    if count != layers:
        found = type(past).__name__ if count is None else f"{count} entries"
        raise ValueError(f"keys and values of earlier steps need an entry for each of {layers} layers, found {found}")
    cache = Cache(layers)
    for number, (own, across) in enumerate(zip(cache.own, cache.across, strict=True)):
        layer = past[number]
        match form, layer:
            case CacheFormat.STACKED, _ if hasattr(layer, "shape") or len(layer) == 2:
                own.append(layer[0], layer[1])
            case CacheFormat.TUPLES, (key, value, across_key, across_value):
                own.append(key, value)
                across.append(across_key, across_value)
            case CacheFormat.NAMED, Mapping():
                own.append(layer["self"]["prev_key"], layer["self"]["prev_value"])
                across.append(layer["encoder_decoder"]["prev_key"], layer["encoder_decoder"]["prev_value"])
            case _:
                expected = "no cache" if form is None else form.value
                raise ValueError(f"the keys and values of a layer are a {type(layer).__name__}; expected {expected}")
    return cache


def write_cache(form: CacheFormat | None, cache: Cache) -> Any:
    """A cache in a documented structure (see `CacheFormat`)."""
    pairs = zip(cache.own, cache.across, strict=True)
    match form:
        case CacheFormat.STACKED:
            return tuple(ops.stack(own.read()) for own, _ in pairs)
        case CacheFormat.TUPLES:
            return tuple((*own.read(), *across.read()) for own, across in pairs)
        case CacheFormat.NAMED:
            return [{"self": _named(own), "encoder_decoder": _named(across)} for own, across in pairs]
    return None


def _named(layer: KeyValues) -> dict[str, Any]:
    key, value = layer.read()
    return {"prev_key": key, "prev_value": value, "prev_key_padding_mask": None}
