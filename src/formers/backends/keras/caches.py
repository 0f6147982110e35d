"""Keys and values of earlier positions: one form inside, the documented structures at the boundary.

The counterpart of the PyTorch backend's caches. Tensors cannot be changed in place here, so that memory set aside
beforehand would be copied in each step: the tensors grow. A compiled step takes what a cache holds as its arguments and
gives it back: `Cache.tensors` and `Cache.hold`.
"""
from collections.abc import Sequence
from typing import Any

from keras import ops

from formers.architecture import CacheFormat
from formers.generation.documented_caches import documented_cache, fill_cache

from .ops import take


class KeyValues:
    """Keys and values of one attention block.

    Attributes:
        length: number of positions known; a tensor where the shapes are not known.
    """

    def __init__(self) -> None:
        self.length: Any = 0
        self._key: Any | None = None
        self._value: Any | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever put in."""
        return self._key is None

    def append(self, key: Any, value: Any) -> tuple[Any, Any]:
        """Add the keys and values of new positions. *Shape:* `[batch, heads, new, head_size]`.

        Returns:
            Those of all positions so far. *Shape:* `[batch, heads, length, head_size]`.
        """
        if self._key is not None:
            key, value = ops.concatenate([self._key, key], 2), ops.concatenate([self._value, value], 2)
        self.hold((key, value))
        return key, value

    def read(self) -> tuple[Any, Any]:
        """The keys and values of all positions so far. *Shape:* `[batch, heads, length, head_size]`."""
        assert self._key is not None and self._value is not None
        return self._key, self._value

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        if self._key is not None and self._value is not None:
            self.hold((self._key[:, :, :length], self._value[:, :, :length]))

    def reorder(self, rows: Any) -> None:
        """Let row `i` go on from what row `rows[i]` holds."""
        if self._key is not None:
            self._key, self._value = take(self._key, rows), take(self._value, rows)

    def tensors(self) -> tuple[Any, Any] | None:
        """What is held; None if that is nothing."""
        return None if self._key is None else (self._key, self._value)

    def hold(self, tensors: tuple[Any, Any] | None) -> None:
        """The opposite of `tensors`."""
        self._key, self._value = (None, None) if tensors is None else tensors
        self.length = 0 if self._key is None else ops.shape(self._key)[2]


class Cache:
    """What a decoder knows of earlier positions, and of the encoder.

    The attention across to an encoder has its keys and values computed once. They may belong to fewer rows than the
    decoder has: then each encoder row serves as many decoder rows that follow each other (beams).

    Args:
        layers: number of layers.
    """

    def __init__(self, layers: int):
        self.own = [KeyValues() for _ in range(layers)]
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

    def hold(self, tensors: Sequence[tuple[Any, Any]]) -> None:
        """Hold the tensors of another cache in place of one's own.

        Args:
            tensors: what `tensors` gave.
        """
        for (own, across), mine, others in zip(tensors, self.own, self.across, strict=True):
            mine.hold(own)
            others.hold(across)


def read_cache(form: CacheFormat | None, past: Any, layers: int) -> Cache:
    """The cache of so many layers in a documented structure.

    Raises:
        ValueError: it is no such structure.
    """
    cache = Cache(layers)
    fill_cache(cache, form, past)
    return cache


def write_cache(form: CacheFormat | None, cache: Cache) -> Any:
    """A cache in a documented structure (see `CacheFormat`)."""
    return documented_cache(cache, form, ops.stack)
