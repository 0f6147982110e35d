"""Weights that are stored in eight bits, as the library bitsandbytes does (Dettmers et al., 2022).

Beside a matrix of int8, `layer.weight`, stands `layer.SCB`, float32: the greatest magnitude in each of its rows, so
that the row is `int8 * SCB / 127`. A number, `layer.weight_format`, may tell how the matrix is laid out; 0 is row by
row. They are read as floating-point matrices.
"""

from __future__ import annotations

from typing import Any

from formers.checkpoint.base import Checkpoint, CheckpointError, Framework

_SCALES = ".SCB"
_LAYOUT = ".weight_format"
_STEPS = 127


class EightBitCheckpoint(Checkpoint):
    """A checkpoint some of whose matrices are stored in eight bits.

    Args:
        source: The opened file. It is closed with this.

    Raises:
        CheckpointError: If scales have no matrix, or a matrix is laid out in another way than row by row.
    """

    format = "8-bit"

    def __init__(self, source: Checkpoint) -> None:
        self._source = source
        names = source.names()
        scales = {name.removesuffix(_SCALES) + ".weight": name for name in names if name.endswith(_SCALES)}
        if alone := sorted(set(scales) - set(names)):
            raise CheckpointError(
                f"{source.path} has the scales {scales[alone[0]]!r}, but not their matrix {alone[0]!r}: download or "
                "save it again"
            )
        for name in names:
            if name.endswith(_LAYOUT) and int(source.tensor(name, "numpy")) != 0:
                raise CheckpointError(
                    f"{source.path}: {name!r} is {source.tensor(name, 'numpy')}, a layout for one kind of processor; "
                    "expected 0, row by row. Save the model with a newer bitsandbytes"
                )
        kept = [name for name in names if not name.endswith((_SCALES, _LAYOUT))]
        super().__init__(source.path, {name: (name, scales.get(name)) for name in kept})

    def _shape(self, handle: tuple[str, str | None]) -> tuple[int, ...]:
        return self._source.shape(handle[0])

    def _read(self, handle: tuple[str, str | None], framework: Framework) -> Any:
        return self._scaled(handle, framework, passing=False)

    def _read_unmapped(self, handle: tuple[str, str | None], framework: Framework) -> Any:
        return self._scaled(handle, framework, passing=True)

    def _scaled(self, handle: tuple[str, str | None], framework: Framework, passing: bool) -> Any:
        name, scales = handle
        if scales is None:
            return self._source.tensor(name, framework, passing)
        matrix = self._source.tensor(name, framework, passing=True)
        factors = self._source.tensor(scales, framework, passing=True)
        if str(matrix.dtype).removeprefix("torch.") != "int8" or tuple(factors.shape) != tuple(matrix.shape[:1]):
            raise CheckpointError(
                f"{self.path}: {name!r} is {matrix.dtype} of shape {tuple(matrix.shape)}, {scales!r} has shape "
                f"{tuple(factors.shape)}; expected int8 and one scale a row"
            )
        return matrix * (factors / _STEPS)[:, None]

    def close(self) -> None:
        """Let go of the file. Tensors that were read stay valid."""
        super().close()
        self._source.close()


def is_eight_bit(source: Checkpoint) -> bool:
    """Tell whether some matrices of a checkpoint are stored in eight bits."""
    return any(name.endswith(_SCALES) for name in source.names())
