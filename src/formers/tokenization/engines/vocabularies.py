"""Vocabulary files: reading them, and completing vocabularies."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Tokenizer

from formers.files import lfs_complaint

Merges = list[tuple[str, str]]


def read_text(path: str) -> str:
    """Read a vocabulary file.

    Raises:
        ValueError: If there is no such file, or it is not UTF-8 text, or a git-LFS pointer.
    """
    try:
        content = Path(path).read_text(encoding="utf-8")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ValueError(
            f"Can't find a vocabulary file at path {path!r}. To load the vocabulary of a pretrained model use "
            "`from_pretrained(name_or_folder)` of the tokenizer class."
        ) from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"the vocabulary file {path!r} is not UTF-8 text (byte {error.start}): {error.reason}"
        ) from error
    if complaint := lfs_complaint(content[:200].encode()):
        raise ValueError(f"the vocabulary file {path!r} {complaint}")
    # A byte order mark, which some editors write, is not part of the first token; alone on its line it is a token.
    return content[1:] if content.startswith("\ufeff") and content[1:2] not in ("", "\n", "\r") else content


def read_json(path: str) -> Any:
    """Read a vocabulary file in JSON.

    Raises:
        ValueError: As `read_text`; also if it is not JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"the vocabulary file {path!r} is not valid JSON: {error}") from error


def _model_in(path: str, kind: str) -> dict[str, Any]:
    """Read the `model` part of a `tokenizer.json`."""
    content = read_json(path)
    model = content.get("model", {}) if isinstance(content, dict) else {}
    # Files of early versions do not name the type.
    guess = "BPE" if "merges" in model else "WordPiece" if "max_input_chars_per_word" in model else None
    found = model.get("type", guess)
    if found != kind:
        raise ValueError(f"{path!r} holds a tokenizer of type {found!r}, and {kind!r} was expected")
    return model


def read_engine(path: str) -> Tokenizer:
    """Read a `tokenizer.json`.

    Raises:
        ValueError: If it is none.
    """
    content = Path(path).read_text(encoding="utf-8-sig")
    try:
        json.loads(content)
        return Tokenizer.from_str(content)
    except Exception as error:  # `tokenizers` raises plain Exception
        raise ValueError(f"{path} is not a tokenizer.json that the `tokenizers` library can read: {error}") from error


def added_tokens_in(path: str) -> dict[str, AddedToken]:
    """Read the added tokens of a `tokenizer.json`, by their texts."""
    content = read_json(path)
    entries = content.get("added_tokens") if isinstance(content, dict) else None
    return {
        entry["content"]: AddedToken(**{key: value for key, value in entry.items() if key != "id"})
        for entry in entries or ()
    }


def is_full(path: str) -> bool:
    """Find out whether a vocabulary file is a `tokenizer.json`, by its name."""
    return Path(path).name == "tokenizer.json"


def wordpiece_vocabulary(path: str) -> dict[str, int]:
    """Read tokens and their ids from `vocab.txt` (a token a line), or from a WordPiece `tokenizer.json`."""
    if is_full(path):
        vocabulary = _model_in(path, "WordPiece")["vocab"]
        return dict(sorted(vocabulary.items(), key=lambda item: item[1]))
    lines = read_text(path).split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return {token.rstrip("\r"): index for index, token in enumerate(lines)}


def bpe_vocabulary(path: str) -> dict[str, int]:
    """Read tokens and their ids from `vocab.json`, or from a BPE `tokenizer.json`."""
    vocabulary = _model_in(path, "BPE")["vocab"] if is_full(path) else read_json(path)
    if not isinstance(vocabulary, dict):
        raise ValueError(f"{path!r} holds a {type(vocabulary).__name__}, and an object of tokens was expected")
    return vocabulary


def bpe_merges(path: str) -> Merges:
    """Read the pairs to merge, the most frequent first, from `merges.txt` (a pair a line) or a BPE `tokenizer.json`."""
    if is_full(path):
        pairs = [merge.split(" ") if isinstance(merge, str) else merge for merge in _model_in(path, "BPE")["merges"]]
    else:
        lines = read_text(path).split("\n")
        if lines and lines[0].startswith("#version"):
            lines = lines[1:]
        pairs = [line.split() for line in lines if line.strip()]
    # A third column, if there is one, is the pair's frequency.
    return [(pair[0], pair[1]) for pair in pairs if len(pair) >= 2]


def with_unknown(vocabulary: Mapping[str, int], unknown: str) -> dict[str, int]:
    """Complete a vocabulary by the unknown token, with the next free id, if it lacks it."""
    if unknown in vocabulary:
        return dict(vocabulary)
    return {**vocabulary, unknown: max(vocabulary.values(), default=-1) + 1}


def whole_vocabulary(vocabulary: Mapping[str, int], merges: Merges, alphabet: Sequence[str]) -> dict[str, int]:
    """Complete a vocabulary by every letter and every merge, with the next free ids.

    The Python BPE tokenizers merge first and look tokens up afterwards; what is missing then is unknown.

    Args:
        vocabulary: Tokens and their ids.
        merges: Pairs to merge.
        alphabet: All letters a text can be made of.
    """
    parts = [*alphabet, *(part for left, right in merges for part in (left, right, left + right))]
    missing = [part for part in dict.fromkeys(parts) if part not in vocabulary]
    start = max(vocabulary.values(), default=-1) + 1
    return {**vocabulary, **{part: start + index for index, part in enumerate(missing)}}
