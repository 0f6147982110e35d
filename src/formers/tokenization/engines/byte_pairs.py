"""Byte-pair encoding: engines on characters (GPT, CTRL) and on bytes (GPT-2, RoBERTa, BART)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

from formers.tokenization.engines.vocabularies import Merges, with_unknown

END_OF_WORD = "</w>"


def character_engine(vocabulary: Mapping[str, int], merges: Merges, unknown: str) -> Tokenizer:
    """Make an engine for byte-pair encoding on characters, where `</w>` marks the ends of words (GPT, CTRL).

    It has no pre-tokenizer: what splits texts into words has to be set.

    Args:
        vocabulary: Tokens and their ids; tokens that end a word have the mark.
        merges: Pairs to merge.
        unknown: The token for characters that the vocabulary lacks.
    """
    everything = with_unknown(vocabulary, unknown)
    complete = [pair for pair in merges if {*pair, "".join(pair)} <= everything.keys()]
    engine = Tokenizer(models.BPE(vocab=everything, merges=complete, unk_token=unknown, end_of_word_suffix=END_OF_WORD))
    engine.decoder = decoders.BPEDecoder(suffix=END_OF_WORD)
    return engine


def word_parts(engine: Tokenizer, word: str) -> list[str]:
    """Split a word with a `character_engine`: tokens without marks, and unknown characters as they are."""
    content = word.encode("utf-8")
    return [content[slice(*token.offsets)].decode("utf-8") for token in engine.model.tokenize(word)]


def byte_level_engine(
    vocabulary: Mapping[str, int], merges: Merges, unknown: str | None, *, prefix_space: bool, trim_offsets: bool
) -> Tokenizer:
    """Make an engine for byte-pair encoding on bytes (GPT-2, RoBERTa, BART).

    Args:
        vocabulary: Tokens and their ids.
        merges: Pairs to merge.
        unknown: The unknown token, for vocabularies that lack some bytes.
        prefix_space: Whether to put a space before a text.
        trim_offsets: Whether the space before a word does not count as part of it in offsets.
    """
    known = unknown if unknown in vocabulary else None
    complete = [pair for pair in merges if {*pair, "".join(pair)} <= vocabulary.keys()]
    engine = Tokenizer(models.BPE(vocab=dict(vocabulary), merges=complete, unk_token=known))
    engine.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix_space)
    engine.decoder = decoders.ByteLevel()
    engine.post_processor = processors.ByteLevel(trim_offsets=trim_offsets)
    return engine


def get_pairs(word: Sequence[str]) -> set[tuple[str, str]]:
    """Collect the neighbours in a word.

    Args:
        word: Its symbols.
    """
    return set(pairwise(word))


def byte_alphabet() -> dict[int, str]:
    """List the printable letter that stands for each byte in byte-level vocabularies.

    A printable byte is its own letter; the others have, in order, the letters from U+0100 on.
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    table = {byte: chr(byte) for byte in printable} | {byte: chr(0x100 + i) for i, byte in enumerate(others)}
    return dict(sorted(table.items()))
