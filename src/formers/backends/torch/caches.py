"""Caches whose memory is set aside beforehand."""
import torch
from torch import Tensor

from formers.network.caches import Cache, KeyValues

from . import ops


class FixedKeyValues(KeyValues):
    """Keys and values of one attention block, written in place.

    Args:
        capacity: number of positions for which memory is set aside at the first use.
    """

    def __init__(self, capacity: int):
        super().__init__(ops)
        self.capacity = capacity
        self._length = 0

    @property
    def length(self) -> int:
        """Number of positions known."""
        return self._length

    def append(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Add the keys and values of new positions; see `KeyValues.append`.

        Raises:
            ValueError: the capacity does not suffice.
        """
        start, self._length = self._length, self._length + key.shape[2]
        if self._length > self.capacity:
            raise ValueError(f"the cache has room for {self.capacity} positions, and {self._length} are asked for")
        if self.key is None:
            batch, heads, _, size = key.shape
            self.key = key.new_empty(batch, heads, self.capacity, size)
            self.value = value.new_empty(batch, heads, self.capacity, size)
        self.key[:, :, start : self._length] = key
        self.value[:, :, start : self._length] = value
        return self.read()

    def read(self) -> tuple[Tensor, Tensor]:
        """Return the keys and values of all positions so far. *Shape:* `[batch, heads, length, head_size]`."""
        return self.key[:, :, : self._length], self.value[:, :, : self._length]

    def tensors(self) -> tuple[Tensor, Tensor] | None:
        """Return what is held; None if that is nothing."""
        return None if self.key is None else self.read()

    def hold(self, tensors: tuple[Tensor, Tensor] | None) -> None:
        """Hold what `tensors` of another gave, in memory of its own."""
        self.key, self.value, self._length = None, None, 0
        if tensors is not None:
            self.append(*tensors)

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        self._length = min(self._length, length)

    def reorder(self, rows: Tensor) -> None:
        """Let row `i` go on from what row `rows[i]` holds."""
        if self.key is None:
            return
        if len(rows) != len(self.key):
            self.key, self.value = self.key.index_select(0, rows), self.value.index_select(0, rows)
            return
        key, value = self.read()
        key.copy_(key.index_select(0, rows))
        value.copy_(value.index_select(0, rows))


class FixedCache(Cache):
    """A cache whose own positions have their memory set aside.

    Args:
        layers: number of layers.
        capacity: number of positions.
    """

    def __init__(self, layers: int, capacity: int):
        self.capacity = capacity
        super().__init__(ops, layers)

    def _new(self) -> KeyValues:
        return FixedKeyValues(self.capacity)

    def expand(self, times: int) -> None:
        """Let every row be `times` rows that follow each other; they share what is known of the encoder."""
        held = self.self_attention[0].tensors() if self.self_attention else None
        if held is not None:
            self.reorder(torch.arange(len(held[0]), device=held[0].device).repeat_interleave(times))
