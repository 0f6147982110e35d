"""Writing files so that a reader never sees half of one."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Give a temporary name beside `path` to write to; on success it takes the place of `path`.

    The file is flushed to disk before the rename, and the rename is atomic: after a crash, a full disk or an
    exception inside the block `path` holds either its old content or all of the new one.

    Args:
        path: The file to create or replace. Its folder must exist.

    Yields:
        The temporary path (an empty file in the same folder).

    Raises:
        IsADirectoryError: If `path` is a folder.
        OSError: If the folder is missing or cannot be written.
    """
    target = Path(path)
    if target.is_dir():
        raise IsADirectoryError(f"cannot write the file {target}: a folder of that name is there")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"cannot write the file {target}: there is no folder {target.parent}; make it first")
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        _set_usual_mode(temporary)
        _flush(temporary)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush(target.parent)


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a UTF-8 text file atomically (see `replacing`)."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def lfs_complaint(start: bytes) -> str:
    """Return what is wrong with a file that begins so, if it is a git-LFS pointer; else nothing."""
    if not start.startswith(b"version https://git-lfs"):
        return ""
    size = re.search(rb"size (\d+)", start)
    real = f" of {int(size[1])} bytes" if size else ""
    return (
        f"is a git-LFS pointer, and the content{real} is not here: run `git lfs pull` in its repository, or download "
        "the file itself"
    )


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Create a folder to save into, parents included.

    Raises:
        NotADirectoryError: If a file of that name is there.
    """
    folder = Path(path)
    if folder.is_file():
        raise NotADirectoryError(f"cannot save into {folder}: it is a file, and a folder was expected")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _set_usual_mode(path: Path) -> None:
    """Give a temporary file (made private by `mkstemp`) the permissions a new file would have."""
    mask = os.umask(0)
    os.umask(mask)
    path.chmod(0o666 & ~mask)


def _flush(path: Path) -> None:
    """Ask the system to put a file, or a folder's list of names, on disk."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:  # Windows cannot open a folder; the rename itself is still atomic there
        return
    try:
        os.fsync(handle)
    except OSError:  # some network file systems refuse it
        pass
    finally:
        os.close(handle)
