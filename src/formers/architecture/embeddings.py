"""Embeddings: what turns token ids into the first hidden states."""
from dataclasses import dataclass
from typing import Literal

from .norms import Norm


@dataclass(frozen=True)
class Tokens:
    """Token embeddings.

    Attributes:
        vocabulary: number of tokens.
        size: length of a token's vector.
        padding: row that is never trained, or None.
        scale: factor on the vectors.
    """

    vocabulary: int
    size: int
    padding: int | None = None
    scale: float = 1.0


@dataclass(frozen=True)
class Learned:
    """Embeddings of the positions 0, 1, 2, ...; `offset` rows before them are never a position (BART: 2)."""

    size: int
    offset: int = 0

    @property
    def capacity(self) -> int:
        """Number of positions."""
        return self.size

    @property
    def first(self) -> int:
        """Row of the first position."""
        return self.offset


@dataclass(frozen=True)
class PaddingAware:
    """Embeddings of positions that count the tokens other than padding, from `padding + 1` (RoBERTa).

    Padding is at `padding`.
    """

    size: int
    padding: int

    @property
    def capacity(self) -> int:
        """Number of positions."""
        return self.size - self.first

    @property
    def first(self) -> int:
        """Row of the first position."""
        return self.padding + 1


@dataclass(frozen=True)
class Sinusoid:
    """Fixed sines and cosines of the positions (Vaswani et al., 2017).

    `layout` is their order in a row: sine and cosine in turn (`interleaved`) or all sines before all cosines
    (`halves`). A `stored` table is a frozen parameter that checkpoints carry; otherwise it is computed.
    """

    size: int
    layout: Literal["interleaved", "halves"]
    stored: bool = True

    @property
    def capacity(self) -> int:
        """Number of positions."""
        return self.size

    @property
    def first(self) -> int:
        """Row of the first position."""
        return 0


Positions = Learned | PaddingAware | Sinusoid


@dataclass(frozen=True)
class Lookup:
    """Further ids with embeddings of their own, such as token types (BERT).

    Attributes:
        argument: argument of the call that holds the ids; 0 everywhere by default.
        size: number of ids.
        part: name of the embeddings among the parts.
    """

    argument: str
    size: int
    part: str = "types"


@dataclass(frozen=True)
class TokenLookup:
    """Further ids that are looked up in the token embeddings, where the call gives them (GPT-2's token types)."""

    argument: str


@dataclass(frozen=True)
class Embeddings:
    """The sum of embeddings of tokens, positions and further ids, then norm and dropout.

    Attributes:
        tokens: the token embeddings.
        positions: the position embeddings; None where the attention knows positions (T5).
        types: further ids.
        norm: norm of the sum.
        dropout: probability after the norm.
        inputs_embeds_replace: what a caller's `inputs_embeds` stand for: the tokens' vectors, or the whole block
            (DistilBERT).
    """

    tokens: Tokens
    positions: Positions | None = None
    types: tuple[Lookup | TokenLookup, ...] = ()
    norm: Norm | None = None
    dropout: float = 0.0
    inputs_embeds_replace: Literal["tokens", "block"] = "tokens"
