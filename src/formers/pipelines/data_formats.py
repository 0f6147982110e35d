"""Where a pipeline on the command line reads its inputs from and saves its results to: CSV, JSON, or a pipe."""

from __future__ import annotations

import csv
import json
import os
import pickle
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TextIO

from formers.files import replacing, write_text


@contextmanager
def reading(path: str, newline: str | None = None) -> Iterator[TextIO]:
    """Open a file of UTF-8 text, with or without a byte-order mark.

    Args:
        path: The file.
        newline: As for `open`.

    Raises:
        ValueError: If something in it is not UTF-8; the message names the line.
    """
    try:
        with open(path, encoding="utf-8-sig", newline=newline) as file:
            yield file
    except UnicodeDecodeError as error:
        raise ValueError(
            f"line {_first_undecodable(path)} of {path!r} is not UTF-8 text (byte {error.object[error.start]:#04x}): "
            "save the file with the encoding UTF-8, or convert it, as iconv -f latin1 -t utf-8 does"
        ) from None


def _first_undecodable(path: str) -> int:
    """Return the number of the first line that cannot be decoded."""
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.decode("utf-8", "replace").encode("utf-8") != line:
                return number
    return 1


class PipelineDataFormat(ABC):
    """Base class of the formats: iterating gives the inputs, `save` stores the results.

    Args:
        output_path: File to write, or None.
        input_path: File to read, or None.
        column: The column that holds the inputs; several as `"a,b"`, or as `"question=q,context=text"` where the
            pipeline's name for a column differs from the file's.
        overwrite: Whether the output may replace a file.

    Raises:
        OSError: If the input does not exist, or the output does and `overwrite` is False.
    """

    SUPPORTED_FORMATS: ClassVar[list[str]] = ["json", "csv", "pipe"]

    def __init__(
        self, output_path: str | None, input_path: str | None, column: str | None, overwrite: bool = False
    ) -> None:
        self.output_path = output_path
        self.input_path = input_path
        names = column.split(",") if column is not None else [""]
        self.is_multi_columns = len(names) > 1
        self.column: list[Any] = names
        if self.is_multi_columns:
            # pairs: the pipeline's name of a column, the file's name of it
            self.column = [(ours, theirs or ours) for ours, _, theirs in (name.partition("=") for name in names)]
        if output_path is not None and not overwrite and os.path.exists(output_path):
            raise OSError(f"{output_path!r} already exists: choose another output, or pass overwrite=True")
        if input_path is not None and not os.path.exists(input_path):
            raise OSError(f"{input_path!r} does not exist: expected a file to read inputs from")

    @abstractmethod
    def __iter__(self) -> Iterator[Any]:
        """Give the inputs: values of the column, or dicts where there are several columns."""

    @abstractmethod
    def save(self, data: Any) -> None:
        """Save results in this format.

        Args:
            data: A dict, or a list of dicts.
        """

    def save_binary(self, data: Any) -> str:
        """Save results as a pickle beside the output path; open only such files as you wrote yourself.

        Args:
            data: Anything that can be pickled.

        Returns:
            Path of the file, `output_path` with the ending `.pickle`.
        """
        path = os.path.splitext(self._output())[0] + ".pickle"
        with replacing(path) as temporary, open(temporary, "wb") as file:
            pickle.dump(data, file)
        return path

    @staticmethod
    def from_str(
        format: str, output_path: str | None, input_path: str | None, column: str | None, overwrite: bool = False
    ) -> PipelineDataFormat:
        """Make the format of a name.

        Args:
            format: One of `SUPPORTED_FORMATS`.
            output_path: See the class.
            input_path: See the class.
            column: See the class.
            overwrite: See the class.

        Raises:
            KeyError: If there is no such format.
        """
        formats: dict[str, type[Any]] = {
            "json": JsonPipelineDataFormat,
            "csv": CsvPipelineDataFormat,
            "pipe": PipedPipelineDataFormat,
        }
        if format not in formats:
            raise KeyError(f"Unknown format {format!r}, expected one of {PipelineDataFormat.SUPPORTED_FORMATS}")
        return formats[format](output_path, input_path, column, overwrite=overwrite)

    def _output(self) -> str:
        if self.output_path is None:
            raise KeyError("there is no output path: name the file to save the results to")
        return self.output_path

    def _pick(self, row: dict[str, Any], number: int) -> Any:
        """Return the input in a row of a table."""
        wanted = [theirs for _, theirs in self.column] if self.is_multi_columns else self.column
        for name in wanted:
            if name not in row:
                raise KeyError(f"row {number} of {self.input_path!r} has columns {list(row)}, expected {name!r}")
        if self.is_multi_columns:
            return {ours: row[theirs] for ours, theirs in self.column}
        return row[self.column[0]]


def _records(data: Any) -> list[dict[str, Any]]:
    records = data if isinstance(data, list) else [data]
    for index, record in enumerate(records):
        if not isinstance(record, dict):
            raise TypeError(f"result {index} is of type {type(record).__name__}, expected a dict")
    return records


class CsvPipelineDataFormat(PipelineDataFormat):
    """Comma-separated values with a header line."""

    def __iter__(self) -> Iterator[Any]:
        """Give the inputs row by row."""
        if self.input_path is None:
            raise KeyError("there is no input path: name the CSV file to read")
        with reading(self.input_path, newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                yield self._pick(row, number)

    def save(self, data: Any) -> None:
        """Save results as a table, one row a dict."""
        records = _records(data)
        names = list(dict.fromkeys(name for record in records for name in record))
        with replacing(self._output()) as temporary, open(temporary, "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names)
            if names:
                writer.writeheader()
            writer.writerows(records)


class JsonPipelineDataFormat(PipelineDataFormat):
    """A JSON file that holds a list of objects."""

    def __init__(
        self, output_path: str | None, input_path: str | None, column: str | None, overwrite: bool = False
    ) -> None:
        super().__init__(output_path, input_path, column, overwrite=overwrite)
        self._entries: list[Any] = []
        if input_path is not None:
            with reading(input_path) as file:
                try:
                    self._entries = json.load(file)
                except json.JSONDecodeError as error:
                    raise ValueError(f"{input_path!r} is not valid JSON: {error}") from None
            if not isinstance(self._entries, list):
                found = type(self._entries).__name__
                raise ValueError(f"{input_path!r} holds a JSON {found}, expected a list of objects")

    def __iter__(self) -> Iterator[Any]:
        """Give the inputs entry by entry."""
        for number, entry in enumerate(self._entries, start=1):
            if not isinstance(entry, dict):
                found = type(entry).__name__
                raise TypeError(f"entry {number} of {self.input_path!r} is of type {found}, expected an object")
            yield self._pick(entry, number)

    def save(self, data: Any) -> None:
        """Save results as they are."""
        write_text(self._output(), json.dumps(data))


class PipedPipelineDataFormat(PipelineDataFormat):
    """Lines of standard input, fields separated by tabs; results are printed line by line."""

    def __iter__(self) -> Iterator[Any]:
        """Give the inputs line by line: text, or a dict (a tuple without column names) where a line has fields."""
        for line in sys.stdin:
            line = line.rstrip("\r\n")
            fields = line.split("\t")
            if self.is_multi_columns:
                if len(fields) != len(self.column):
                    raise ValueError(f"a line has {len(fields)} fields, expected {len(self.column)}: {line[:60]!r}")
                yield {ours: field for (ours, _), field in zip(self.column, fields, strict=True)}
            else:
                yield line if len(fields) == 1 else tuple(fields)

    def save(self, data: Any) -> None:
        """Print the results."""
        print(data)

    def save_binary(self, data: Any) -> str:
        """Save results that cannot be printed; needs an output path.

        Args:
            data: Anything that can be pickled.

        Returns:
            Path of the file.

        Raises:
            KeyError: If no output path was given.
        """
        if self.output_path is None:
            raise KeyError(
                "results of this task are too large to be printed: give an output path to save them in a binary file"
            )
        return super().save_binary(data)
