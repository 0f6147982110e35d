"""Stacks and whole architectures."""
from dataclasses import dataclass

from .caches import CacheFormat
from .embeddings import Embeddings
from .layers import Bucketed, Layer
from .norms import Norm


@dataclass(frozen=True)
class Stack:
    """Embeddings and layers.

    Attributes:
        hidden: width of the residual stream.
        embeddings, layers: the blocks.
        final_norm: norm after the last layer (pre-norm models).
        dropout: probability after the final norm.
        position_bias, cross_position_bias: biases on the scores of all (cross-)attentions.
        cache: how earlier keys and values are handed over; None where the model has no cache.
        checkpointing: recompute the layers in the backward pass to save memory.
    """

    hidden: int
    embeddings: Embeddings
    layers: tuple[Layer, ...]
    final_norm: Norm | None = None
    dropout: float = 0.0
    position_bias: Bucketed | None = None
    cross_position_bias: Bucketed | None = None
    cache: CacheFormat | None = None
    checkpointing: bool = False


@dataclass(frozen=True)
class Pooler:
    """A dense layer with an activation on the first position (BERT)."""

    activation: str = "tanh"


@dataclass(frozen=True)
class Normal:
    """Fresh linear and embedding weights come from N(0, std); biases are 0, norms 1."""

    std: float


@dataclass(frozen=True)
class SingleStack:
    """One stack, an encoder or a decoder (BERT, GPT-2)."""

    stack: Stack
    init: Normal
    pooler: Pooler | None = None


@dataclass(frozen=True)
class EncoderDecoder:
    """Two stacks that share their table of words (T5, BART)."""

    encoder: Stack
    decoder: Stack
    init: Normal


Architecture = SingleStack | EncoderDecoder
