"""Token ids of many texts, quickly: the ids of each word are remembered.

For some engines the tokens of a text are the tokens of its space-separated pieces one after the other. Natural
language repeats its words, so nearly every piece is found in a dictionary, and the engine sees only new ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from tokenizers import Tokenizer
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer, ByteLevel

from formers.tokenization.types import Ids

Encode = Callable[[list[str]], list[Ids]]
Split = Callable[[str], "list[str] | None"]

_MARK = "\0"

# When to forget: some tens of megabytes.
_ENTRIES = 100_000
_CHARACTERS = 2_000_000


def at_spaces(text: str) -> list[str]:
    """Split a text for engines that split at white space and drop it (BERT's)."""
    return text.split(" ")


def before_spaces(text: str) -> list[str] | None:
    """Split a text for byte-level engines, where a space belongs to the word after it.

    Returns:
        The pieces, together the whole text; None if runs of spaces make them depend on each other.
    """
    if "  " in text or text.endswith(" ") or _MARK in text:
        return None
    return text.replace(" ", f"{_MARK} ").split(_MARK)


def splitting_of(engine: Tokenizer) -> Split | None:
    """Find out how texts may be split for an engine.

    Args:
        engine: The engine. Only normalizers and pre-tokenizers that are known to treat pieces independently count.

    Returns:
        The function that splits; None if texts have to stay whole.
    """
    if any(
        token.normalized and not token.content.isascii() or " " in token.content or token.lstrip or token.rstrip
        for token in engine.get_added_tokens_decoder().values()
    ):
        return None
    if isinstance(engine.normalizer, BertNormalizer) and isinstance(engine.pre_tokenizer, BertPreTokenizer):
        return at_spaces
    if engine.normalizer is None and isinstance(engine.pre_tokenizer, ByteLevel):
        plain = engine.pre_tokenizer.use_regex and not engine.pre_tokenizer.add_prefix_space
        return before_spaces if plain else None
    return None


class WordIds:
    """Token ids of texts by way of their pieces.

    Args:
        encode: The engine: texts to token ids.
        split: How to split texts; None: not at all.
    """

    def __init__(self, encode: Encode, split: Split | None) -> None:
        self._encode = encode
        self._split = split
        self._known: dict[str, Ids] = {}
        self._characters = 0

    def __call__(self, texts: Sequence[str]) -> list[Ids]:
        """Encode texts, without special tokens."""
        if self._split is None:
            return self._encode(list(texts))
        known = self._known
        split = list(map(self._split, texts))
        rows = [None if pieces is None else list(map(known.get, pieces)) for pieces in split]
        new = {
            piece
            for pieces, row in zip(split, rows, strict=True)
            if row is not None and None in row
            for piece in pieces or ()
        }
        unknown = [piece for piece in new if piece not in known]
        whole = [text for text, row in zip(texts, rows, strict=True) if row is None]
        encoded = self._encode(unknown + whole) if unknown or whole else []
        known.update(zip(unknown, encoded, strict=False))
        self._characters += sum(map(len, unknown))
        answers = iter(encoded[len(unknown) :])
        ids = [
            next(answers) if row is None else _joined(row, pieces, known)
            for row, pieces in zip(rows, split, strict=True)
        ]
        if len(known) > _ENTRIES or self._characters > _CHARACTERS:
            # A new dictionary: a call in another thread keeps the one it looks into.
            self._known, self._characters = {}, 0
        return ids

    def emptied(self) -> WordIds:
        """Copy this with nothing remembered."""
        return WordIds(self._encode, self._split)


def _joined(row: list[Ids | None], pieces: list[str] | None, known: dict[str, Ids]) -> Ids:
    """Join the ids of the pieces of a text, looked up again if some were new."""
    if None in row:
        row = list(map(known.get, pieces or ()))
    return list(chain.from_iterable(row))  # type: ignore[arg-type]
