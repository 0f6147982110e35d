"""Which format a file of weights has, told by its content."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from formers.checkpoint.base import Checkpoint, CheckpointError
from formers.checkpoint.eight_bit import EightBitCheckpoint, is_eight_bit
from formers.checkpoint.index import ShardedCheckpoint, shard_names
from formers.checkpoint.keras_h5 import KerasCheckpoint
from formers.checkpoint.safetensors import SafetensorsCheckpoint
from formers.checkpoint.tf_checkpoint import TFCheckpoint
from formers.checkpoint.torch_bin import TorchCheckpoint
from formers.files import lfs_complaint


def open_checkpoint(path: str | os.PathLike[str]) -> Checkpoint:
    """Open a file of weights for reading, whatever its format.

    Args:
        path: A safetensors file, a file of `torch.save`, a `tf_model.h5`, a `*.index.json` with its shards beside
            it, or a TensorFlow checkpoint (its prefix or `.index` file).

    Returns:
        The opened checkpoint.

    Raises:
        FileNotFoundError: If there is no such file.
        IsADirectoryError: If it is a folder.
        CheckpointError: If it is damaged, unsafe or no file of weights; the message says what it looks like.
        ImportError: If the package that reads the format is missing.
    """
    file = Path(path)
    if file.is_dir():
        inside = ", ".join(sorted(os.listdir(file))[:20]) or "nothing"
        raise IsADirectoryError(f"{file} is a folder, and a file of weights was expected; it holds {inside}")
    if (file.suffix == ".index" and file.is_file()) or Path(f"{file}.index").is_file():
        return TFCheckpoint(file)
    if not file.is_file():
        raise FileNotFoundError(f"there is no file {file}")
    with open(file, "rb") as opened:
        start = opened.read(512)
    found = ShardedCheckpoint(file, _open_single) if file.name.endswith(".index.json") else _by_content(file, start)
    return EightBitCheckpoint(found) if is_eight_bit(found) else found


def _open_single(file: Path) -> Checkpoint:
    with open(file, "rb") as opened:
        return _by_content(file, opened.read(512))


def _by_content(file: Path, start: bytes) -> Checkpoint:
    _refuse_what_is_no_weights(file, start)
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return KerasCheckpoint(file)
    # A zip archive; or a pickle, which begins with the number of its protocol.
    if start.startswith(b"PK\x03\x04") or (start[0] == 0x80 and start[1] in range(2, 6)):
        return TorchCheckpoint(file)
    if start[8:9] == b"{" or file.suffix == ".safetensors":
        return SafetensorsCheckpoint(file)
    raise CheckpointError(
        f"{file} is not a file of weights that is known here: it begins with {start[:16]!r}, and a safetensors file, a "
        "file of torch.save, or an HDF5 file of Keras was expected"
    )


def _refuse_what_is_no_weights(file: Path, start: bytes) -> None:
    if not start:
        raise CheckpointError(f"{file} is empty: download or save it again")
    if complaint := lfs_complaint(start):
        raise CheckpointError(f"{file} {complaint}")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<!", b"<html", b"<HTML", b"<?xml")):
        raise CheckpointError(f"{file} is a web page, probably an error message: download the file itself")


def fetch_shards(name_or_path: str | os.PathLike[str], index: str | os.PathLike[str], **hub: Any) -> None:
    """Make sure that the shards of an index are beside it, downloading what is missing.

    Args:
        name_or_path: The folder or model that the index was found in.
        index: Local path of the index.
        **hub: As in `formers.hub.cached_file`.

    Raises:
        OSError: If a shard cannot be had, or the index is damaged.
    """
    from formers.hub import cached_file

    for shard in shard_names(index):
        cached_file(name_or_path, shard, **hub)
