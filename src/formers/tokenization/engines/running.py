"""Texts through an engine, also those that Rust cannot take."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tokenizers import Tokenizer

from formers.tokenization.types import Ids

_SURROGATES = re.compile("[\ud800-\udfff]")


def encodable(text: str) -> str:
    """Replace lone surrogates, which are not characters and which Rust cannot take, by U+FFFD, one for one."""
    return _SURROGATES.sub("\ufffd", text) if not _is_encodable(text) else text


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def encode_bare(engine: Tokenizer, texts: Sequence[str]) -> list[Ids]:
    """Encode texts without special tokens, and without work on offsets.

    Args:
        engine: The engine.
        texts: The texts.

    Returns:
        Token ids of each text.
    """
    try:
        encodings = engine.encode_batch_fast(texts, add_special_tokens=False)
    except (TypeError, UnicodeEncodeError):  # a lone surrogate
        encodings = engine.encode_batch_fast([encodable(text) for text in texts], add_special_tokens=False)
    return [encoding.ids for encoding in encodings]
