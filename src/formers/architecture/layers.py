"""Layers: attention and feed-forward blocks, and how they stand in the residual stream."""
from dataclasses import dataclass, field
from typing import Literal

from .norms import Norm


@dataclass(frozen=True)
class AdditiveMask:
    """`fill` is added to the scores of hidden positions; a row with nothing visible still gives finite numbers."""

    fill: float


@dataclass(frozen=True)
class InfiniteMask:
    """Hidden positions get a score of minus infinity."""


Mask = AdditiveMask | InfiniteMask


@dataclass(frozen=True)
class Bucketed:
    """A learned bias on the scores by bucketed distance (T5), shared by the layers of a stack.

    `both_ways` gives half of the buckets to positions to the right.
    """

    buckets: int
    max_distance: int
    both_ways: bool


@dataclass(frozen=True)
class SelfAttention:
    """Multi-head attention of a sequence to itself.

    Attributes:
        heads, head_size: their product is the inner width.
        scale: factor on the products of queries and keys.
        mask: how padding is hidden.
        causal: every position sees itself and those before it.
        bias: the four linear maps have biases.
        dropout: probability on the attention weights.
        pruned: heads of the full model that are gone; `heads` counts those left.
        projections: queries, keys and values come from a linear map each, or from one together (GPT-2).
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


@dataclass(frozen=True)
class FeedForward:
    """Two linear maps with an activation between.

    Attributes:
        size: inner width.
        activation: name in the table of activations.
        gated: the activation multiplies a second, linear branch (GLU; Shazeer, 2020).
        bias: the linear maps have biases.
        dropout: probability on the inner activations.
        chunk_size: positions computed at a time to save memory; 0 for all at once.
    """

    size: int
    activation: str
    gated: bool = False
    bias: bool = True
    dropout: float = 0.0
    chunk_size: int = 0


@dataclass(frozen=True)
class Sublayer:
    """A block in the residual stream: `after(x + dropout(block(before(x))))`.

    A post-norm model has its norm in `after`, a pre-norm model in `before`.
    """

    block: SelfAttention | CrossAttention | FeedForward
    before: Norm | None = None
    after: Norm | None = None
    dropout: float = 0.0


@dataclass(frozen=True)
class Layer:
    """One layer of a stack; `cross_attention` only where it can read an encoder."""

    attention: Sublayer
    feed_forward: Sublayer
    cross_attention: Sublayer | None = None
