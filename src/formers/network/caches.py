"""Keys and values of earlier positions, of the blocks of a stack."""
from collections.abc import Mapping, Sequence
from typing import Any


class KeyValues:
    """Keys and values of one attention block; they grow with every call, and gradients flow through them.

    Args:
        ops: the operations of the backend.
    """

    def __init__(self, ops: Any):
        self.ops = ops
        self.key: Any = None
        self.value: Any = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever put in."""
        return self.key is None

    @property
    def length(self) -> Any:
        """Number of positions known; a tensor where the shapes are not known."""
        return 0 if self.key is None else self.ops.size(self.key, 2)

    def append(self, key: Any, value: Any) -> tuple[Any, Any]:
        """Add the keys and values of new positions. *Shape:* `[batch, heads, new, head_size]`.

        Returns:
            Those of all positions so far. *Shape:* `[batch, heads, length, head_size]`.
        """
        if self.key is not None:
            key, value = self.ops.concat([self.key, key], 2), self.ops.concat([self.value, value], 2)
        self.key, self.value = key, value
        return key, value

    def read(self) -> tuple[Any, Any]:
        """Return the keys and values of all positions so far. *Shape:* `[batch, heads, length, head_size]`."""
        return self.key, self.value

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        if self.key is not None:
            self.key, self.value = self.key[:, :, :length], self.value[:, :, :length]

    def reorder(self, rows: Any) -> None:
        """Let row `i` go on from what row `rows[i]` holds."""
        if self.key is not None:
            self.key, self.value = self.ops.take(self.key, rows), self.ops.take(self.value, rows)

    def tensors(self) -> tuple[Any, Any] | None:
        """Return what is held; None if that is nothing."""
        return None if self.key is None else (self.key, self.value)

    def hold(self, tensors: tuple[Any, Any] | None) -> None:
        """Hold what `tensors` of another gave."""
        self.key, self.value = (None, None) if tensors is None else tensors


class Cache:
    """What a decoder knows of earlier positions, and of the encoder.

    Cross-attention has its keys and values computed once. They may belong to fewer rows than the decoder has: then each
    encoder row serves as many decoder rows that follow each other (beams).

    Args:
        ops: the operations of the backend.
        layers: number of layers.
    """

    def __init__(self, ops: Any, layers: int):
        self.ops = ops
        self.self_attention: Sequence[KeyValues] = [self._new() for _ in range(layers)]
        self.cross_attention: Sequence[KeyValues] = [KeyValues(ops) for _ in range(layers)]

    def _new(self) -> KeyValues:
        return KeyValues(self.ops)

    @property
    def length(self) -> Any:
        """Number of positions known."""
        return self.self_attention[0].length if self.self_attention else 0

    def of_layer(self, index: int) -> Mapping[str, KeyValues]:
        """Return the keys and values of a layer by the names of its sublayers."""
        return {"attention": self.self_attention[index], "cross_attention": self.cross_attention[index]}

    def crop(self, length: int) -> None:
        """Forget all positions from `length` on."""
        for layer in self.self_attention:
            layer.crop(length)

    def expand(self, times: int) -> None:
        """Let every row be `times` rows that follow each other; they share what is known of the encoder."""
        held = self.self_attention[0].tensors() if self.self_attention else None
        if held is not None:
            self.reorder(self.ops.repeat(self.ops.arange(self.ops.size(held[0], 0), held[0]), times))

    def reorder(self, rows: Any) -> None:
        """Let row `i` go on from what row `rows[i]` holds; rows stay with their encoder row."""
        for layer in self.self_attention:
            layer.reorder(rows)

    def tensors(self) -> list[tuple[Any, Any]]:
        """Return what each layer holds of its own positions and of the encoder, see `KeyValues.tensors`."""
        pairs = zip(self.self_attention, self.cross_attention, strict=True)
        return [(own.tensors(), cross.tensors()) for own, cross in pairs]

    def hold(self, tensors: Sequence[tuple[Any, Any]]) -> None:
        """Hold the tensors of another cache, as `tensors` gave them."""
        for (own, cross), mine, others in zip(tensors, self.self_attention, self.cross_attention, strict=True):
            mine.hold(own)
            others.hold(cross)
