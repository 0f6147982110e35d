"""Reads tests/golden/tokenizers: calls of the original library's tokenizers and what came out."""

from __future__ import annotations

import gzip
import json
from functools import cache
from typing import Any

from tests.golden_data import GOLDEN, read

import formers

FOLDER = GOLDEN / "tokenizers"
CASED_VOCABULARY = FOLDER / "bert-base-cased-vocab.txt"
INDEX = {row["folder"]: row for row in read("tokenizers/index.json")}


@cache
def cases(folder: str) -> list[dict[str, Any]]:
    """The recorded calls, in order."""
    return json.loads(gzip.decompress((FOLDER / f"{folder}.json.gz").read_bytes()))


def files(folder: str) -> dict[str, str]:
    """The vocabulary files by the name of their argument."""
    return {name: str(FOLDER / path) for name, path in INDEX[folder]["files"].items()}


def make(folder: str, **options: Any) -> Any:
    """The tokenizer of a folder, made by its class."""
    return cls(folder)(**files(folder), **{**INDEX[folder]["init"], **options})


def cls(folder: str) -> Any:
    """The tokenizer class of a folder."""
    return getattr(formers, INDEX[folder]["cls"])


def plain(value: Any) -> Any:
    """An answer in the form in which it was recorded: tuples are lists, tensors say that they are."""
    if isinstance(value, formers.BatchEncoding):
        value = value.data
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    if hasattr(value, "tolist"):
        return {"tensor": value.tolist()}
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
