"""Embeddings: what turns ids into the first hidden states."""
from dataclasses import dataclass
from typing import Literal

from .norms import Norm


@dataclass(frozen=True)
class Learned:
    """A table of positions 0, 1, 2, ...; `offset` rows at its start are never a position (BART: 2)."""

    size: int
    offset: int = 0


@dataclass(frozen=True)
class PaddingAware:
    """A table whose positions count the tokens that are no padding, from `pad + 1`; padding is at `pad` (RoBERTa)."""

    size: int
    pad: int


@dataclass(frozen=True)
class Sinusoid:
    """A fixed table of sines and cosines (Vaswani et al., 2017).

    `layout` says where they stand in a row: sine and cosine in turn (`interleaved`) or all sines before all cosines
    (`halves`). A `stored` table is a frozen parameter that checkpoints carry; otherwise it is computed.
    """

    size: int
    layout: Literal["interleaved", "halves"]
    stored: bool = True


Positions = Learned | PaddingAware | Sinusoid


@dataclass(frozen=True)
class TypeTable:
    """Segments have a table of their own (BERT)."""

    size: int


@dataclass(frozen=True)
class WordTypes:
    """Segment ids are looked up among the words (GPT-2)."""


@dataclass(frozen=True)
class Embeddings:
    """The embedding block of a stack: words, positions and types summed, then norm and dropout.

    Attributes:
        vocabulary: number of words.
        size: length of a word's vector.
        positions: how positions are known; None where the attention knows them (T5).
        types: how segments are known.
        pad: row of the word table that is never trained, or None.
        scale: factor on the word's vector.
        norm: norm of the sum.
        dropout: probability after the norm.
        embeds_replace: what a caller's `inputs_embeds` stand for: the words' vectors, or the whole block (DistilBERT).
    """

    vocabulary: int
    size: int
    positions: Positions | None = None
    types: TypeTable | WordTypes | None = None
    pad: int | None = None
    scale: float = 1.0
    norm: Norm | None = None
    dropout: float = 0.0
    embeds_replace: Literal["words", "block"] = "words"
