"""What all checkpoint formats have in common: named tensors, read one at a time."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Literal, NamedTuple, Self

Framework = Literal["torch", "numpy"]

# LayerNorm parameters as the oldest files call them.
_OLD_LEAVES = {"gamma": "weight", "beta": "bias"}


class CheckpointError(OSError):
    """A file of weights is damaged, unsafe, or not what it was taken for."""


class Place(NamedTuple):
    """Where the bytes of a tensor stand in a file.

    Attributes:
        path: the file.
        offset: the first byte.
        size: number of bytes.
        dtype: the type as the safetensors format calls it, such as `F32`; little-endian, row by row.
    """

    path: Path
    offset: int
    size: int
    dtype: str


class Checkpoint(ABC):
    """A file of named tensors, opened for reading; close it, or use it in a `with` statement.

    Names are those of the hub's PyTorch files, whatever the format, and tensors have PyTorch's layout
    (`[out, in]` for linear layers). Tensors are read when asked for, from a memory map where the format allows it.

    Args:
        path: The file.
        stored: The name of each tensor in the file -> what `_read` and `_shape` need to find it.

    Raises:
        CheckpointError: If two tensors have the same name after `gamma` and `beta` were renamed.
    """

    format: ClassVar[str]

    def __init__(self, path: Path, stored: Mapping[str, Any]) -> None:
        self.path = path
        self._handles: dict[str, Any] = {}
        for name, handle in stored.items():
            canonical = canonical_name(name)
            if canonical in self._handles:
                raise CheckpointError(f"{path} has two tensors for {canonical!r}: remove {name!r} or the other one")
            self._handles[canonical] = handle

    def names(self) -> list[str]:
        """Return the names of all tensors, in the order of the file."""
        return list(self._handles)

    def shape(self, name: str) -> tuple[int, ...]:
        """Return the shape of a tensor, without reading it.

        Raises:
            KeyError: If there is none of that name.
        """
        return self._shape(self._handles[name])

    def tensor(self, name: str, framework: Framework = "torch", passing: bool = False) -> Any:
        """Read a tensor.

        Args:
            name: One of `names()`.
            framework: `"torch"` for a `torch.Tensor` on the CPU, `"numpy"` for a `numpy.ndarray`.
            passing: The caller converts or copies the tensor and drops it. It is then read into memory of its own,
                which goes with it, where pages of a memory map would stay.

        Returns:
            The tensor in the dtype of the file. Unless `passing`, it may be a view of a memory map: writing to it
            changes this copy only, never the file.

        Raises:
            KeyError: If there is none of that name.
            CheckpointError: If its dtype is not supported, or the file is damaged there.
            ImportError: If a package for the framework or the dtype is missing.
        """
        handle = self._handles[name]
        return self._read_unmapped(handle, framework) if passing else self._read(handle, framework)

    def place(self, name: str) -> Place | None:
        """Return where the bytes of a tensor stand in a file; None where it has to be read to be known.

        Raises:
            KeyError: If there is none of that name.
        """
        return self._located(self._handles[name])

    def _located(self, handle: Any) -> Place | None:
        return None

    @abstractmethod
    def _shape(self, handle: Any) -> tuple[int, ...]: ...

    @abstractmethod
    def _read(self, handle: Any, framework: Framework) -> Any: ...

    def _read_unmapped(self, handle: Any, framework: Framework) -> Any:
        """Read without a memory map, where the format has one."""
        return self._read(handle, framework)

    def close(self) -> None:
        """Let go of the file. Tensors that were read stay valid."""
        self._handles = {}

    def __contains__(self, name: object) -> bool:
        return name in self._handles

    def __iter__(self) -> Iterator[str]:
        return iter(self._handles)

    def __len__(self) -> int:
        return len(self._handles)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{self.format} checkpoint {str(self.path)!r}: {len(self)} tensors>"


def canonical_name(name: str) -> str:
    """Return the hub's name of a tensor: `LayerNorm.gamma` is `LayerNorm.weight`, and `.beta` is `.bias`.

    Only the last part counts, so that a layer which is called `beta_projection` keeps its name.
    """
    head, dot, leaf = name.rpartition(".")
    return head + dot + _OLD_LEAVES.get(leaf, leaf) if dot else name


def from_numpy(array: Any, framework: Framework) -> Any:
    """Hand over a NumPy array as a tensor of a framework, without copying it."""
    if framework == "numpy":
        return array
    import torch

    if array.dtype.name == "bfloat16":  # torch does not know the dtype of `ml_dtypes`
        return torch.from_numpy(array.view("uint16")).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_numpy(tensor: Any) -> Any:
    """Turn a tensor of PyTorch, on any device, into a NumPy array; NumPy arrays are returned as they are.

    Raises:
        ImportError: If it is bfloat16 and `ml_dtypes` is not installed.
    """
    if not hasattr(tensor, "detach"):
        return tensor
    tensor = tensor.detach().cpu()
    if str(tensor.dtype) == "torch.bfloat16":
        import torch

        return tensor.contiguous().view(torch.uint16).numpy().view(numpy_dtype("BF16"))
    return tensor.numpy()


def numpy_dtype(code: str) -> Any:
    """Return NumPy's dtype for a code of the safetensors format, such as `"F32"`.

    Raises:
        CheckpointError: If the code is unknown.
        ImportError: If NumPy needs `ml_dtypes` for it, and that is not installed.
    """
    import numpy

    simple = {"BOOL": "?", **{f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "FIU" for size in (1, 2, 4, 8)}}
    del simple["F8"]
    if code in simple:
        return numpy.dtype(simple[code])
    extra = {"BF16": "bfloat16", "F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"}
    if code not in extra:
        raise CheckpointError(f"tensors of dtype {code!r} are not supported; convert them to F32, F16 or BF16")
    try:
        import ml_dtypes
    except ImportError as error:
        raise ImportError(f"NumPy has no {extra[code]} by itself: run `pip install ml_dtypes`, or use torch") from error
    return numpy.dtype(getattr(ml_dtypes, extra[code]))
