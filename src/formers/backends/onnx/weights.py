"""The weights of a model: ranges of bytes in its checkpoint, or arrays where they have to be converted."""
from pathlib import Path

import numpy as np

from formers.checkpoint import Checkpoint, CheckpointError
from formers.checkpoint.base import Place

from .graph import FLOAT


class Weights:
    """The weights of a model by the names of their tensors, float32.

    ONNX Runtime maps the file by itself, and so has no copy of what it does not lay out again. (An array that it is
    given, be it a map of the file, it copies.)

    Attributes:
        ranges: where those are that lie in a file as they are needed.
        arrays: the others.
    """

    def __init__(self) -> None:
        self.ranges: dict[str, Place] = {}
        self.arrays: dict[str, np.ndarray] = {}
        self._files: dict[Path, tuple[int, ...]] = {}

    def __contains__(self, name: object) -> bool:
        return name in self.ranges or name in self.arrays

    def add(self, name: str, checkpoint: Checkpoint, source: str) -> None:
        """Add a tensor of a checkpoint, which it calls `source`."""
        place = checkpoint.place(source)
        if place is not None and place.dtype == "F32":
            # Links, of which a cache consists, lead out of the folder that ONNX Runtime may read from.
            path = place.path.resolve()
            if path not in self._files and all(other.parent == path.parent for other in self._files):
                self._files[path] = _stamp(path)
            if path in self._files:
                self.ranges[name] = place._replace(path=path)
                return
        self.arrays[name] = np.require(checkpoint.tensor(source, "numpy"), FLOAT, ["C", "A"])

    @property
    def folder(self) -> Path | None:
        """The folder of the files; None where there are none."""
        return next((path.parent for path in self._files), None)

    def check_files(self) -> None:
        """Raise if a file is another than when its weights were added.

        Raises:
            CheckpointError: naming it.
        """
        for path, stamp in self._files.items():
            if not path.is_file() or _stamp(path) != stamp:
                raise CheckpointError(f"{path} is gone or was written again since the model was loaded: load it again")


def _stamp(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
