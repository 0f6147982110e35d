"""The two steps of BERT's tokenizers as classes: texts to words, words to word pieces.

The tokenizers take both steps at once, in their engines. These classes are for code that uses one of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from tokenizers import normalizers, pre_tokenizers

from formers.tokenization.engines.running import encodable
from formers.tokenization.engines.wordpiece import wordpiece_model
from formers.tokenization.types import Token, text_of

# Blocks of Chinese characters (not of Japanese kana or Korean hangul), as BERT's authors chose them.
_CHINESE = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B820, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
_CHINESE_CHARACTER = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _CHINESE) + "]")


def whitespace_tokenize(text: str) -> list[str]:
    """Split a text at white space."""
    return text.split()


class BasicTokenizer:
    """Splits a text at white space and punctuation.

    Args:
        do_lower_case: Whether to make everything lower case and drop accents.
        never_split: Words, between white space, to keep as they are.
        tokenize_chinese_chars: Whether to split at every Chinese character.
    """

    def __init__(
        self, do_lower_case: bool = True, never_split: Iterable[str] | None = None, tokenize_chinese_chars: bool = True
    ) -> None:
        self.do_lower_case = do_lower_case
        self.never_split = set(never_split or ())
        self.tokenize_chinese_chars = tokenize_chinese_chars
        self._normalizer = normalizers.BertNormalizer(
            clean_text=False, handle_chinese_chars=False, strip_accents=do_lower_case, lowercase=do_lower_case
        )
        self._splitter = pre_tokenizers.BertPreTokenizer()

    def tokenize(self, text: str, never_split: Iterable[str] | None = None) -> list[str]:
        """Split a text into words and punctuation.

        Args:
            text: The text.
            never_split: Further words to keep as they are.
        """
        whole = self.never_split.union(never_split or ())
        if self.tokenize_chinese_chars:
            text = _CHINESE_CHARACTER.sub(r" \g<0> ", text)
        found: list[str] = []
        run: list[str] = []
        for word in encodable(text).split():
            if word in whole:
                found.extend(self._split(run))
                found.append(word)
                run = []
            else:
                run.append(word)
        return found + self._split(run)

    def _split(self, words: list[str]) -> list[str]:
        if not words:
            return []
        text = self._normalizer.normalize_str(" ".join(words))
        return [part for part, _ in self._splitter.pre_tokenize_str(text)]


class WordpieceTokenizer:
    """Splits words into pieces of a vocabulary, the longest first.

    Args:
        vocab: The pieces; those that continue a word begin with `##`.
        unk_token: What words become that the vocabulary has no pieces for.
        max_input_chars_per_word: Longer words become `unk_token` too.
    """

    def __init__(self, vocab: Mapping[str, int], unk_token: Token, max_input_chars_per_word: int = 100) -> None:
        self.vocab = vocab
        self.unk_token = unk_token
        self.max_input_chars_per_word = max_input_chars_per_word

    @cached_property
    def _model(self) -> Any:
        return wordpiece_model(self.vocab, text_of(self.unk_token), self.max_input_chars_per_word)

    def tokenize(self, text: str) -> list[str]:
        """Split a text at white space, and its words into pieces."""
        return [piece.value for word in encodable(text).split() for piece in self._model.tokenize(word)]


def _is_whitespace(char: str) -> bool:
    """Find out whether BERT takes a character for white space."""
    return char in " \t\n\r" or unicodedata.category(char) == "Zs"


def _is_control(char: str) -> bool:
    """Find out whether BERT takes a character for a control character."""
    return char not in "\t\n\r" and unicodedata.category(char).startswith("C")


def _is_punctuation(char: str) -> bool:
    """Find out whether BERT takes a character for punctuation: also ASCII signs such as `$` and `^`."""
    code = ord(char)
    ascii_sign = 33 <= code <= 47 or 58 <= code <= 64 or 91 <= code <= 96 or 123 <= code <= 126
    return ascii_sign or unicodedata.category(char).startswith("P")


def _is_boundary(char: str) -> bool:
    return _is_control(char) or _is_punctuation(char) or _is_whitespace(char)


def _is_start_of_word(text: str) -> bool:
    """Find out whether a text begins with punctuation, a control character or white space."""
    return _is_boundary(text[0])


def _is_end_of_word(text: str) -> bool:
    """Find out whether a text ends with punctuation, a control character or white space."""
    return _is_boundary(text[-1])
