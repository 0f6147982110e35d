"""SentencePiece models as files: the pieces, their scores, and how texts are normalized.

`.model` and `.spm` files are protocol buffers; their few fields are read here, so no further library is needed.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from formers.tokenization.engines.vocabularies import is_full, read_json

SPACE = "▁"

_ALGORITHMS = {1: "unigram", 2: "bpe", 3: "word", 4: "char"}


class Kind(IntEnum):
    """What a piece is used for."""

    NORMAL = 1
    UNKNOWN = 2
    CONTROL = 3
    USER_DEFINED = 4
    UNUSED = 5
    BYTE = 6


@dataclass(frozen=True)
class Piece:
    """A piece of text in a model.

    Args:
        text: Its characters; `▁` stands for a space.
        score: Its log-probability (unigram), or minus the rank of its merge (BPE).
        kind: What it is used for.
    """

    text: str
    score: float = 0.0
    kind: Kind = Kind.NORMAL


@dataclass(frozen=True)
class SentencePieceModel:
    """A SentencePiece model.

    Args:
        pieces: Its pieces, in the order of their ids.
        algorithm: `"unigram"` or `"bpe"`.
        charsmap: Compiled normalization rules; empty for none.
        custom_rules: Whether these rules are not among those that SentencePiece has names for.
        add_dummy_prefix: Whether a space goes before every text.
        remove_extra_whitespaces: Whether spaces go at the ends of a text, and all but one between words.
        byte_fallback: Whether unknown characters become pieces of bytes.
    """

    pieces: list[Piece]
    algorithm: str = "unigram"
    charsmap: bytes = b""
    custom_rules: bool = False
    add_dummy_prefix: bool = True
    remove_extra_whitespaces: bool = True
    byte_fallback: bool = False

    @property
    def unknown_id(self) -> int:
        """Id of the unknown piece."""
        return next(i for i, piece in enumerate(self.pieces) if piece.kind is Kind.UNKNOWN)

    @property
    def splits_words(self) -> bool:
        """Whether words are tokenized one by one: `▁` is a piece, and in others it is the first character."""
        texts = [piece.text for piece in self.pieces if piece.kind in (Kind.NORMAL, Kind.USER_DEFINED)]
        return SPACE in texts and not any(SPACE in text[1:] for text in texts)


def read_sentencepiece(path: str) -> SentencePieceModel:
    """Read a SentencePiece model, or the `tokenizer.json` that was made of one.

    Args:
        path: The file.

    Raises:
        ValueError: If there is no such file, or it holds no model, or a model of a kind that is not known here.
    """
    if is_full(path):
        return _from_tokenizer_json(path)
    try:
        content = Path(path).read_bytes()
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise ValueError(
            f"Can't find a SentencePiece model at path {path!r}. To load the vocabulary of a pretrained model use "
            "`from_pretrained(name_or_folder)` of the tokenizer class."
        ) from error
    try:
        model = _from_proto(content)
    except (IndexError, KeyError, UnicodeDecodeError, ValueError, TypeError, struct.error) as error:
        raise ValueError(f"{path!r} is not a SentencePiece model: {error}") from error
    return _checked(model, path)


def _checked(model: SentencePieceModel, path: str) -> SentencePieceModel:
    if model.algorithm not in ("unigram", "bpe"):
        raise ValueError(f"the SentencePiece model {path!r} is of type {model.algorithm!r}; unigram and bpe are known")
    if not any(piece.kind is Kind.UNKNOWN for piece in model.pieces):
        raise ValueError(f"{path!r} is not a SentencePiece model: among its {len(model.pieces)} pieces none is unknown")
    if model.algorithm == "bpe" and any(piece.kind is Kind.UNUSED for piece in model.pieces):
        raise ValueError(f"the BPE model {path!r} has unused pieces, which are known for unigram models only")
    return model


def _from_proto(content: bytes) -> SentencePieceModel:
    pieces: list[Piece] = []
    trainer: dict[int, Any] = {}
    rules: dict[int, Any] = {}
    for number, value in _fields(content):
        if number == 1:
            field = dict(_fields(value))
            score = struct.unpack("<f", field[2])[0] if 2 in field else 0.0
            pieces.append(Piece(field.get(1, b"").decode("utf-8"), score, Kind(field.get(3, 1))))
        elif number == 2:
            trainer = dict(_fields(value))
        elif number == 3:
            rules = dict(_fields(value))
    if trainer.get(24) or not rules.get(5, 1):
        raise ValueError("it puts spaces after words, or leaves them as they are; only `▁` before words is known")
    return SentencePieceModel(
        pieces,
        algorithm=_ALGORITHMS[trainer.get(3, 1)],
        charsmap=rules.get(2, b""),
        custom_rules=rules.get(1, b"").decode() not in ("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity", ""),
        add_dummy_prefix=bool(rules.get(3, 1)),
        remove_extra_whitespaces=bool(rules.get(4, 1)),
        byte_fallback=bool(trainer.get(35, 0)),
    )


def _fields(content: bytes) -> Iterator[tuple[int, Any]]:
    """Read the fields of a protocol buffer: their numbers, and an int or the bytes of each."""
    position = 0
    while position < len(content):
        key, position = _varint(content, position)
        number, kind = key >> 3, key & 7
        value: Any
        if kind == 0:
            value, position = _varint(content, position)
        else:
            if kind == 2:
                length, position = _varint(content, position)
            else:
                length = {1: 8, 5: 4}[kind]
            value, position = content[position : position + length], position + length
            if position > len(content):
                raise ValueError(f"it breaks off after {len(content)} bytes")
        yield number, value


def _varint(content: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position


def _from_tokenizer_json(path: str) -> SentencePieceModel:
    content = read_json(path)
    model = content.get("model") if isinstance(content, dict) else None
    if not isinstance(model, dict) or "unk_id" not in model or not isinstance(model.get("vocab"), list):
        raise ValueError(f"{path!r} holds no tokenizer made of a SentencePiece unigram model (no `unk_id` and `vocab`)")
    special = {token["content"] for token in content.get("added_tokens", ()) if token.get("special")}
    pieces = [
        Piece(text, score, Kind.UNKNOWN if i == model["unk_id"] else Kind.CONTROL if text in special else Kind.NORMAL)
        for i, (text, score) in enumerate(model["vocab"])
    ]
    maps = [part for part in _parts(content.get("normalizer")) if part.get("type") == "Precompiled"]
    try:
        charsmap = base64.b64decode(maps[0]["precompiled_charsmap"] or "", validate=True) if maps else b""
    except (binascii.Error, KeyError) as error:
        raise ValueError(f"the `precompiled_charsmap` of {path!r} is not base64: {error}") from error
    spaces = [part for part in _parts(content.get("pre_tokenizer")) if part.get("type") == "Metaspace"]
    prefix = bool(spaces) and spaces[0].get("prepend_scheme") != "never" and spaces[0].get("add_prefix_space", True)
    return _checked(
        SentencePieceModel(
            pieces,
            charsmap=charsmap,
            add_dummy_prefix=prefix,
            byte_fallback=bool(model.get("byte_fallback", False)),
        ),
        path,
    )


def _parts(part: Any) -> Iterator[dict[str, Any]]:
    """List a part of a `tokenizer.json` and, if it is a sequence, those in it."""
    if isinstance(part, dict):
        yield part
        for inner in (*part.get("normalizers", ()), *part.get("pretokenizers", ())):
            yield from _parts(inner)
