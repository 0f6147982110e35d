"""Tensors that a caller has in memory, read like a file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formers.checkpoint.base import Checkpoint, Framework, from_numpy, to_numpy


class GivenTensors(Checkpoint):
    """A mapping of names to tensors of PyTorch or NumPy, in the layout of PyTorch's files.

    Args:
        tensors: The mapping; its tensors are copied when they are read.
    """

    format = "in memory"

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        super().__init__(Path("the given tensors"), tensors)

    def _shape(self, handle: Any) -> tuple[int, ...]:
        return tuple(handle.shape)

    def _read(self, handle: Any, framework: Framework) -> Any:
        if framework == "torch" and hasattr(handle, "detach"):
            return handle.detach().clone()
        return from_numpy(to_numpy(handle).copy(), framework)
