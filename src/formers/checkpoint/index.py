"""`*.index.json`: a checkpoint in several files (shards), and the table of which tensor is in which."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from formers.checkpoint.base import Checkpoint, CheckpointError, Framework, Place
from formers.configuration import read_json_object


class ShardedCheckpoint(Checkpoint):
    """Several files of weights that are read as one.

    Args:
        path: The index; the shards are beside it.
        open_shard: Opens one of them.

    Raises:
        CheckpointError: If the index is damaged, names a file outside of its folder, or a shard is missing.
    """

    format = "sharded"

    def __init__(self, path: Path, open_shard: Callable[[Path], Checkpoint]) -> None:
        shards = _weight_map(path)
        missing = sorted({shard for shard in shards.values() if not (path.parent / shard).is_file()})
        if missing:
            raise CheckpointError(
                f"{path} needs {', '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not beside it: "
                "download the whole model again"
            )
        self._open_shard = open_shard
        self._shards: dict[str, Checkpoint] = {}
        super().__init__(path, {name: (name, shard) for name, shard in shards.items()})

    def _found(self, name: str, shard: str) -> tuple[Checkpoint, str]:
        from formers.checkpoint.base import canonical_name

        if shard not in self._shards:
            self._shards[shard] = self._open_shard(self.path.parent / shard)
        opened, name = self._shards[shard], canonical_name(name)
        if name not in opened:
            raise CheckpointError(f"{self.path} says that {name!r} is in {shard}, and it is not: download both again")
        return opened, name

    def _shape(self, handle: tuple[str, str]) -> tuple[int, ...]:
        opened, name = self._found(*handle)
        return opened.shape(name)

    def _located(self, handle: tuple[str, str]) -> Place | None:
        opened, name = self._found(*handle)
        return opened.place(name)

    def _read(self, handle: tuple[str, str], framework: Framework) -> Any:
        opened, name = self._found(*handle)
        return opened.tensor(name, framework)

    def _read_unmapped(self, handle: tuple[str, str], framework: Framework) -> Any:
        opened, name = self._found(*handle)
        return opened.tensor(name, framework, passing=True)

    def close(self) -> None:
        """Close all shards. Tensors that were read stay valid."""
        super().close()
        for shard in self._shards.values():
            shard.close()
        self._shards = {}


def shard_names(path: str | os.PathLike[str]) -> list[str]:
    """Return the names of the files that an index needs beside it.

    Raises:
        CheckpointError: If the index is damaged or names a file outside of its folder.
    """
    return sorted(set(_weight_map(Path(path)).values()))


def _weight_map(path: Path) -> dict[str, str]:
    table = read_json_object(path).get("weight_map")
    if not isinstance(table, dict) or not all(isinstance(shard, str) for shard in table.values()):
        raise CheckpointError(f"{path} has no 'weight_map' from tensors to file names, as an index of shards must")
    for shard in table.values():
        # A name only: an index must not make us open other files of this machine.
        if not shard or shard in (".", "..") or any(mark in shard for mark in ("/", "\\", ":", "\0")):
            raise CheckpointError(f"{path} is refused: it names the shard {shard!r}, which is not a file beside it")
        if shard.endswith(".index.json"):
            raise CheckpointError(f"{path} is refused: its shard {shard!r} is an index again")
    return table
