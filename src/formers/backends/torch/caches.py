"""Keys and values of earlier positions: one form inside, the documented structures at the boundary."""
from typing import Any

import torch
from torch import Tensor

from formers.architecture import CacheFormat
from formers.generation.documented_caches import documented_cache, fill_cache


class KeyValues:
    """Keys and values of one attention block.

    Args:
        capacity: number of positions for which memory is set aside at the first use; None to grow with every call,
            which gradients can flow through.
    """

    def __init__(self, capacity: int | None = None):
        self.capacity = capacity
        self.length = 0
        self._key: Tensor | None = None
        self._value: Tensor | None = None

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new positions. *Shape:* `[batch, heads, new, head_size]`.

        Returns:
            Those of all positions so far. *Shape:* `[batch, heads, length, head_size]`.

        Raises:
            ValueError: the capacity does not suffice.
        """
        start, self.length = self.length, self.length + key.shape[2]
        if self.capacity is None:
            self._key = key if self._key is None else torch.cat([self._key, key], 2)
            self._value = value if self._value is None else torch.cat([self._value, value], 2)
            return self._key, self._value
        if self.length > self.capacity:
            raise ValueError(f"the cache has room for {self.capacity} positions, and {self.length} are asked for")
        if self._key is None or self._value is None:
            batch, heads, _, size = key.shape
            self._key = key.new_empty(batch, heads, self.capacity, size)
            self._value = value.new_empty(batch, heads, self.capacity, size)
        self._key[:, :, start : self.length] = key
        self._value[:, :, start : self.length] = value
        return self.read()

    def read(self) -> tuple[Tensor, Tensor]:
        """The keys and values of all positions so far. *Shape:* `[batch, heads, length, head_size]`."""
        assert self._key is not None and self._value is not None
        return self._key[:, :, : self.length], self._value[:, :, : self.length]

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        self.length = min(self.length, length)
        if self.capacity is None and self._key is not None:
            self._key, self._value = self.read()

    def reorder(self, rows: Tensor) -> None:
        """Let row `i` go on from what row `rows[i]` holds."""
        if self._key is None or self._value is None:
            return
        if self.capacity is None or len(rows) != len(self._key):
            self._key, self._value = self._key.index_select(0, rows), self._value.index_select(0, rows)
            return
        key, value = self.read()
        key.copy_(key.index_select(0, rows))
        value.copy_(value.index_select(0, rows))


class Cache:
    """What a decoder knows of earlier positions, and of the encoder.

    The attention across to an encoder has its keys and values computed once. They may belong to fewer rows than the
    decoder has: then each encoder row serves as many decoder rows that follow each other (beams).

    Args:
        layers: number of layers.
        capacity: number of positions, see `KeyValues`.
    """

    def __init__(self, layers: int, capacity: int | None = None):
        self.own = [KeyValues(capacity) for _ in range(layers)]
        self.across = [KeyValues() for _ in range(layers)]

    @property
    def length(self) -> int:
        """Number of positions known."""
        return self.own[0].length if self.own else 0

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        for layer in self.own:
            layer.crop(length)

    def expand(self, times: int) -> None:
        """Let every row be `times` rows that follow each other; they share what is known of the encoder."""
        if self.length:
            batch = len(self.own[0].read()[0])
            self.reorder(torch.arange(batch).repeat_interleave(times).to(self.own[0].read()[0].device))

    def reorder(self, rows: Tensor) -> None:
        """Let row `i` go on from what row `rows[i]` holds; rows stay with their encoder row."""
        for layer in self.own:
            layer.reorder(rows)


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
    return documented_cache(cache, form, torch.stack)
