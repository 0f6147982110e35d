"""The files that `formers pipeline` reads texts from and writes results to."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

from formers.files import write_text
from formers.pipelines import PipelineDataFormat
from formers.pipelines.data_formats import reading

FORMATS = ("csv", "json", "txt")


def reader_for(kind: str, source: str | None, column: str) -> Iterator[Any]:
    """Return a reader of the inputs of a file, one after the other.

    Args:
        kind: One of `FORMATS`, `"pipe"` (one text a line of standard input), or `"infer"`: by the suffix of the
            source, and `"pipe"` without one.
        source: File to read, or None for standard input.
        column: Columns to read, see `PipelineDataFormat`.

    Raises:
        OSError: If the source is missing.
        ValueError: If the suffix tells no format, or a table is read and no column is named; while iterating, if a
            row lacks the column.
    """
    if kind == "infer":
        kind = "pipe" if source is None else _suffix(source)
        if kind not in ("pipe", *FORMATS):
            raise ValueError(f"{source}: its suffix tells no format; add --format, one of {', '.join(FORMATS)}")
    if kind in ("csv", "json") and not column:
        raise ValueError(f"{source}: name the column with the texts: --column NAME")
    return _read(_format(kind, None, source, column))


def _read(source: PipelineDataFormat) -> Iterator[Any]:
    where = source.input_path or "the standard input"
    try:
        for number, value in enumerate(source, start=1):
            _check(value, f"input {number} of {where}")
            yield value
    except (KeyError, TypeError) as error:  # what a table without the column, or without rows, raises
        raise ValueError(error.args[0]) from error


def _check(value: Any, name: str) -> None:
    """Raise a `ValueError` if an input is neither a text, nor a pair of texts, nor columns of texts."""
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else [value]
    wrong = [part for part in parts if not isinstance(part, str)]
    if wrong:
        shown = json.dumps(wrong[0], ensure_ascii=False)
        raise ValueError(f"{name} has {shown[:60]} where a text is expected: correct it, or take it out")
    if isinstance(value, list | tuple) and len(value) != 2:
        raise ValueError(f"{name} has {len(value)} texts, expected one, or a pair of two")


def writer_for(kind: str, target: str, overwrite: bool) -> PipelineDataFormat:
    """Return what writes the results with `save`.

    Args:
        kind: The format to use where the suffix of the target tells none.
        target: File to write.
        overwrite: Whether it may be there already.

    Raises:
        OSError: If it is there and may not be replaced.
    """
    suffix = _suffix(target)
    fallback = kind if kind in FORMATS else "json"
    return _format(suffix if suffix in FORMATS else fallback, target, None, "", overwrite)


def _suffix(path: str) -> str:
    return os.path.splitext(path)[1].lstrip(".").lower()


def _format(kind: str, target: str | None, source: str | None, column: str, overwrite: bool = False) -> Any:
    if target is not None and not overwrite and os.path.exists(target):
        raise OSError(f"{target} is there already: name another --output, or add --overwrite")
    if kind == "txt":
        return TextDataFormat(target, source, column, overwrite)
    return PipelineDataFormat.from_str(kind, target, source, column, overwrite)


class TextDataFormat(PipelineDataFormat):
    """One text a line in, one JSON value a line out."""

    def __iter__(self) -> Iterator[str]:
        assert self.input_path is not None
        with reading(self.input_path) as file:
            for line in file:
                yield line.rstrip("\r\n")

    def save(self, data: list[Any]) -> None:
        """Write the results, one JSON value a line."""
        assert self.output_path is not None
        write_text(self.output_path, "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in data))
