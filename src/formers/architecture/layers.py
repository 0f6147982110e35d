"""Layers: a sequence of blocks in the residual stream."""
from dataclasses import dataclass, field
from typing import Literal

from .norms import Norm


@dataclass(frozen=True)
class AdditiveMask:
    """`fill` is added to the scores of masked positions; a row that is masked wholly still gives finite values."""

    fill: float


@dataclass(frozen=True)
class InfiniteMask:
    """Masked positions get a score of minus infinity."""


Mask = AdditiveMask | InfiniteMask


@dataclass(frozen=True)
class Bucketed:
    """A learned bias on the scores by bucketed distance (T5), shared by the layers of a stack.

    Attributes:
        buckets: number of buckets.
        max_distance: distances from here on share the last bucket.
        bidirectional: half of the buckets are for keys to the right.
        heads: number of heads; each has biases of its own.
    """

    buckets: int
    max_distance: int
    bidirectional: bool
    heads: int


@dataclass(frozen=True)
class SelfAttention:
    """Multi-head attention of a sequence to itself.

    Attributes:
        heads, head_size: their product is the inner width.
        scale: factor on the products of queries and keys.
        mask: how padding is masked.
        causal: every position attends to itself and those before it.
        bias: the linear layers have biases.
        dropout: probability on the attention weights.
        pruned: heads of the full model that are gone; `heads` counts those left.
        projections: queries, keys and values come from a linear layer each, or from one together (GPT-2).
    """

    heads: int
    head_size: int
    scale: float
    mask: Mask
    causal: bool = False
    bias: bool = True
    dropout: float = 0.0
    pruned: frozenset[int] = field(default_factory=frozenset)
    projections: Literal["separate", "joined"] = "separate"


@dataclass(frozen=True)
class CrossAttention:
    """Multi-head attention of a decoder to the encoder's states; the fields are those of `SelfAttention`."""

    heads: int
    head_size: int
    scale: float
    mask: Mask
    bias: bool = True
    dropout: float = 0.0


Attention = SelfAttention | CrossAttention


@dataclass(frozen=True)
class FeedForward:
    """Two linear layers with an activation between.

    Attributes:
        size: inner width.
        activation: name in the table of activations.
        gated: the activation multiplies a second, linear branch (GLU; Shazeer, 2020).
        bias: the linear layers have biases.
        dropout: probability on the inner activations.
        chunk_size: positions computed at a time to save memory; 0 for all at once.
    """

    size: int
    activation: str
    gated: bool = False
    bias: bool = True
    dropout: float = 0.0
    chunk_size: int = 0


Block = SelfAttention | CrossAttention | FeedForward


@dataclass(frozen=True)
class Sublayer:
    """A block in the residual stream: `after(x + dropout(block(before(x))))`.

    A post-norm model has its norm in `after`, a pre-norm model in `before`.
    """

    name: str
    block: Block
    before: Norm | None = None
    after: Norm | None = None
    dropout: float = 0.0

    def __post_init__(self) -> None:
        if (self.before is None) == (self.after is None):
            count = "none" if self.before is None else "two"
            raise ValueError(f"the sublayer {self.name!r} needs one norm, before or after its block; found {count}")

    @property
    def norm(self) -> Norm:
        """Its norm, wherever it stands."""
        norm = self.before if self.before is not None else self.after
        assert norm is not None
        return norm


@dataclass(frozen=True)
class Layer:
    """Sublayers, one after the other; those that attend to an encoder are left out where there is none."""

    sublayers: tuple[Sublayer, ...]

    def __post_init__(self) -> None:
        names = [sublayer.name for sublayer in self.sublayers]
        if len(set(names)) != len(names):
            raise ValueError(f"the sublayers of a layer need names of their own, found {', '.join(names)}")

    def named(self, name: str) -> Sublayer:
        """Return the sublayer of a name."""
        return next(sublayer for sublayer in self.sublayers if sublayer.name == name)

    @property
    def self_attention(self) -> SelfAttention | None:
        """The block that attends to the sequence itself, or None."""
        return next((s.block for s in self.sublayers if isinstance(s.block, SelfAttention)), None)

    @property
    def cross_attention(self) -> CrossAttention | None:
        """The block that attends to an encoder, or None."""
        return next((s.block for s in self.sublayers if isinstance(s.block, CrossAttention)), None)
