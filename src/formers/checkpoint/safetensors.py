"""`model.safetensors`: a JSON table of names, dtypes, shapes and offsets, then the bytes.

The format: https://huggingface.co/docs/safetensors. Reading maps the file into memory and copies nothing.

A tensor that several weights share is in the file once. Its other names are noted in the file's metadata, as the
format's own library does it in `save_model`: other name -> name in the file.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from formers.checkpoint.base import Checkpoint, CheckpointError, Framework, Place, numpy_dtype
from formers.files import replacing

SAFE_WEIGHTS_NAME = "model.safetensors"


class SafetensorsCheckpoint(Checkpoint):
    """A safetensors file.

    Args:
        path: The file.

    Raises:
        CheckpointError: If it is truncated, or its table does not fit it.
    """

    format = "safetensors"

    def __init__(self, path: Path) -> None:
        from safetensors import SafetensorError, safe_open

        self._mapped: dict[Framework, Any] = {}
        try:
            with safe_open(path, framework="numpy") as file:  # checks the whole table
                names = list(file.keys())
                self._shapes = {name: tuple(file.get_slice(name).get_shape()) for name in names}
                notes = file.metadata() or {}
        except (SafetensorError, ValueError) as error:
            raise CheckpointError(
                f"{path} ({path.stat().st_size} bytes) is not a complete safetensors file: {error}. "
                "Download or save it again."
            ) from error
        shapes = self._shapes
        self._copies = {name: first for name, first in notes.items() if first in shapes and name not in shapes}
        self._shapes = shapes | {name: shapes[first] for name, first in self._copies.items()}
        super().__init__(path, {name: name for name in (*names, *self._copies)})
        # Stays the same file when another takes its name.
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 (closed by `close`)

    def _shape(self, handle: str) -> tuple[int, ...]:
        return self._shapes[handle]

    def _read(self, handle: str, framework: Framework) -> Any:
        # Whoever asks for a copy does not tie it: written to, it must not change the first.
        return self._read_unmapped(handle, framework) if handle in self._copies else self._view(handle, framework)

    def _view(self, handle: str, framework: Framework) -> Any:
        if framework == "numpy":
            return self._array(handle)
        if framework not in self._mapped:
            from safetensors import safe_open

            self._mapped[framework] = safe_open(self.path, framework="pt")
        return self._mapped[framework].get_tensor(handle)

    def _read_unmapped(self, handle: str, framework: Framework) -> Any:
        result: Any
        if framework == "numpy":
            import numpy

            result = numpy.empty(self._shapes[handle], numpy_dtype(self._place(handle)[0]))
            self._fill(result.reshape(-1).view(numpy.uint8), handle)
        else:
            import torch

            view = self._view(self._copies.get(handle, handle), framework)
            result = torch.empty_like(view)  # no page of the map is touched
            self._fill(result.view(-1).view(torch.uint8).numpy(), handle)
        return result

    def _fill(self, memory: Any, name: str) -> None:
        """Read a tensor's bytes into an array of bytes."""
        _, begin, size = self._place(name)
        self._file.seek(begin)
        done = 0
        while done < size:
            count = self._file.readinto(memory[done:])
            if not count:
                raise CheckpointError(f"{self.path} became shorter while it was read: download or save it again")
            done += count

    def _array(self, name: str) -> Any:
        """Return a tensor as a view of the file (`safetensors` itself copies, and has no bfloat16 for NumPy)."""
        import numpy

        if "numpy" not in self._mapped:
            # Copy-on-write: the caller may change what it gets, and the file stays as it is.
            self._mapped["numpy"] = numpy.memmap(self._file, mode="c")
        code, begin, size = self._place(name)
        view = numpy.asarray(self._mapped["numpy"])[begin : begin + size]
        dtype = numpy_dtype(code)
        if size != math.prod(self._shapes[name]) * dtype.itemsize:
            raise CheckpointError(f"{self.path}: the table is wrong about {name!r}")
        return view.view(dtype).reshape(self._shapes[name])

    def _located(self, handle: str) -> Place:
        dtype, offset, size = self._place(handle)
        return Place(self.path, offset, size, dtype)

    def _place(self, name: str) -> tuple[str, int, int]:
        """Return the format's word for a tensor's dtype, its offset in the file and its size, both in bytes."""
        table, start = self._table
        entry = table[self._copies.get(name, name)]
        begin, end = entry["data_offsets"]
        return entry["dtype"], start + begin, end - begin

    @cached_property
    def _table(self) -> tuple[dict[str, Any], int]:
        """The file's table, and where the tensors begin."""
        self._file.seek(0)
        size = int.from_bytes(self._file.read(8), "little")
        return json.loads(self._file.read(size)), 8 + size

    def close(self) -> None:
        """Let go of the file. Tensors that were read stay valid."""
        super().close()
        self._mapped = {}
        self._file.close()


def write_safetensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None
) -> None:
    """Write a safetensors file atomically.

    Args:
        path: The file to create or replace.
        tensors: Name -> `torch.Tensor` (any device) or `numpy.ndarray`, all of one kind. Of tensors that are the same
            memory (tied weights) the first is written, and the metadata say that the other names mean it.
        metadata: Text to keep with them; `{"format": "pt"}`, which says that names and layout are PyTorch's, is added.
    """
    notes = {"format": "pt", **(metadata or {})}
    copies = {name: first for name, first in _copies(tensors).items() if name not in notes}
    notes |= copies
    kept = {name: tensor for name, tensor in tensors.items() if name not in copies}
    with replacing(path) as part:
        if any(hasattr(tensor, "detach") for tensor in kept.values()):
            from safetensors.torch import save_file

            save_file(_separate(kept), part, metadata=notes)
        else:
            import numpy
            from safetensors.numpy import save_file as save_arrays

            save_arrays({name: numpy.ascontiguousarray(array) for name, array in kept.items()}, part, notes)


def _copies(tensors: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of tensors that are there before, all of the same memory -> the first name."""
    first: dict[Any, str] = {}
    copies = {}
    for name, tensor in tensors.items():
        place = _memory(tensor)
        if place is not None and first.setdefault(place, name) != name:
            copies[name] = first[place]
    return copies


def _memory(tensor: Any) -> Any:
    """Return what two tensors have in common only if they are the same memory, read the same way; None if empty."""
    if hasattr(tensor, "detach"):
        layout = (tensor.data_ptr(), str(tensor.device), tuple(tensor.shape), tensor.stride(), tensor.dtype)
        return layout if tensor.numel() else None
    if hasattr(tensor, "__array_interface__"):
        return (tensor.ctypes.data, tensor.shape, tensor.strides, tensor.dtype.str) if tensor.size else None
    return None


def _separate(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return contiguous tensors of which no two start at the same address."""
    seen: set[tuple[str, int]] = set()
    result = {}
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        place = (str(tensor.device), tensor.data_ptr())
        result[name] = tensor.clone() if place in seen and tensor.numel() else tensor
        seen.add(place)
    return result
