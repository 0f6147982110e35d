"""Stacks and whole architectures."""
from dataclasses import dataclass
from typing import Literal

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
        layer_dropout: probability with which a layer is left out in training (LayerDrop; Fan et al., 2019).
        states: the hidden states that callers get: what goes into each layer, with what comes out at the end, or
            without it (the decoder of BART).
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
    layer_dropout: float = 0.0
    states: Literal["inputs and last", "inputs"] = "inputs and last"


@dataclass(frozen=True)
class Pooler:
    """A dense layer with an activation on the first position (BERT)."""

    activation: str = "tanh"


@dataclass(frozen=True)
class Normal:
    """Fresh linear and embedding weights come from N(0, std); biases are 0, norms 1."""

    std: float


@dataclass(frozen=True)
class ByWidth:
    """Fresh weights come from normal distributions whose deviations follow from the widths of a layer (T5).

    A map from `n` inputs has `factor / sqrt(n)`, that of the queries `factor / sqrt(n * head_size)`; the words have
    `factor`.
    """

    factor: float


Init = Normal | ByWidth


@dataclass(frozen=True)
class SingleStack:
    """One stack, an encoder or a decoder (BERT, GPT-2)."""

    stack: Stack
    init: Init
    pooler: Pooler | None = None


@dataclass(frozen=True)
class ShiftedLabels:
    """Where the decoder gets no ids, it reads the labels one step late, after `start` (T5).

    Labels of -100 become `pad`. `start` is None where the model does not say it.
    """

    start: int | None
    pad: int | None


@dataclass(frozen=True)
class RotatedInputs:
    """Where the decoder gets no ids, it reads the encoder's with the last token moved to the front (BART).

    It does not look at positions that hold `pad`.
    """

    pad: int


@dataclass(frozen=True)
class EncoderDecoder:
    """Two stacks that share their table of words (T5, BART)."""

    encoder: Stack
    decoder: Stack
    init: Init
    decoder_inputs: ShiftedLabels | RotatedInputs


Architecture = SingleStack | EncoderDecoder
