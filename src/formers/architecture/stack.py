"""Stacks and whole architectures."""
from dataclasses import dataclass, replace
from typing import Literal

from .caches import KeyValues
from .embeddings import Embeddings
from .layers import Bucketed, CrossAttention, Layer, SelfAttention
from .norms import Norm


@dataclass(frozen=True)
class Plain:
    """The states go through one layer after the other."""


Flow = Plain


@dataclass(frozen=True)
class Stack:
    """Embeddings and layers.

    Attributes:
        hidden: width of the residual stream.
        embeddings, layers: the blocks.
        schedule: indices of `layers` in the order in which they compute; each once by default.
        flow: how the states go through the layers.
        memory: how earlier positions are remembered; None where the model does not.
        pad_to: the input is padded to a multiple of this length; 1 for no padding.
        final_norm: norm after the last layer (pre-norm models).
        dropout: probability after the final norm.
        position_bias, cross_position_bias: biases on the scores of all self (cross) attentions.
        checkpointing: recompute the layers in the backward pass to save memory.
        layer_dropout: probability with which a layer is left out in training (LayerDrop; Fan et al., 2019).
        states: the hidden states that callers get: what goes into each layer, with what comes out at the end, or
            without it (the decoder of BART).
    """

    hidden: int
    embeddings: Embeddings
    layers: tuple[Layer, ...]
    schedule: tuple[int, ...] | None = None
    flow: Flow = Plain()
    memory: KeyValues | None = None
    pad_to: int = 1
    final_norm: Norm | None = None
    dropout: float = 0.0
    position_bias: Bucketed | None = None
    cross_position_bias: Bucketed | None = None
    checkpointing: bool = False
    layer_dropout: float = 0.0
    states: Literal["inputs and last", "inputs"] = "inputs and last"

    def __post_init__(self) -> None:
        size = self.embeddings.tokens.size
        if self.hidden != size:
            raise ValueError(f"the residual stream is {self.hidden} wide, and the token embeddings {size}: make them equal")
        if any(not 0 <= index < len(self.layers) for index in self.steps):
            raise ValueError(f"the schedule {self.steps} has indices that none of the {len(self.layers)} layers has")
        if self.pad_to < 1 or (self.pad_to > 1 and self.memory is not None):
            expected = "1 or more" if self.memory is None else "1 where earlier positions are remembered"
            raise ValueError(f"inputs cannot be padded to a multiple of {self.pad_to}: it must be {expected}")
        for name, bias, kind in (
            ("position_bias", self.position_bias, SelfAttention),
            ("cross_position_bias", self.cross_position_bias, CrossAttention),
        ):
            blocks = [sublayer.block for layer in self.layers for sublayer in layer.sublayers]
            heads = {block.heads for block in blocks if isinstance(block, kind)}
            if bias is not None and heads != {bias.heads}:
                found = ", ".join(map(str, sorted(heads))) or "no"
                raise ValueError(f"{name} has biases for {bias.heads} heads, and the attentions that it is for have {found}")

    @property
    def steps(self) -> tuple[int, ...]:
        """Indices of the layers in the order in which they compute."""
        return tuple(range(len(self.layers))) if self.schedule is None else self.schedule

    @property
    def is_causal(self) -> bool:
        """Whether no position sees those after it."""
        blocks = [layer.self_attention for layer in self.layers]
        return bool(blocks) and all(block is not None and block.causal for block in blocks)

    @property
    def attends_to_encoder(self) -> bool:
        """Whether a layer has attention to an encoder."""
        return any(layer.cross_attention is not None for layer in self.layers)

    @property
    def capacity(self) -> int | None:
        """Number of positions that the model knows; None for any number."""
        return None if self.embeddings.positions is None else self.embeddings.positions.capacity

    @property
    def output_size(self) -> int:
        """Length of the vectors that heads read."""
        return self.hidden

    @property
    def vocabulary(self) -> int:
        """Number of tokens."""
        return self.embeddings.tokens.vocabulary


@dataclass(frozen=True)
class Pooler:
    """A linear layer with an activation on the first position (BERT)."""

    activation: str = "tanh"


@dataclass(frozen=True)
class Normal:
    """New linear and embedding weights come from N(0, std); biases are 0, norms 1."""

    std: float


@dataclass(frozen=True)
class ByWidth:
    """New weights come from normal distributions whose standard deviations follow from the widths of a layer (T5).

    A linear layer with `n` inputs has `factor / sqrt(n)`, that of the queries `factor / sqrt(n * head_size)`; the
    token embeddings have `factor`.
    """

    factor: float


Init = Normal | ByWidth


@dataclass(frozen=True)
class SingleStack:
    """One stack, an encoder or a decoder (BERT, GPT-2)."""

    stack: Stack
    init: Init
    pooler: Pooler | None = None

    @property
    def decoding(self) -> Stack:
        """The stack whose states heads read."""
        return self.stack


@dataclass(frozen=True)
class ShiftedLabels:
    """Where the decoder gets no ids, it reads the labels shifted to the right, after `start` (T5).

    Labels of -100 become `padding`. `start` is None where the model does not say it.
    """

    start: int | None
    padding: int | None


@dataclass(frozen=True)
class RotatedInputs:
    """Where the decoder gets no ids, it reads the encoder's with the last token moved to the front (BART).

    It does not attend to positions that hold `padding`.
    """

    padding: int


@dataclass(frozen=True)
class EncoderDecoder:
    """Two stacks that share their token embeddings (T5, BART)."""

    encoder: Stack
    decoder: Stack
    init: Init
    decoder_inputs: ShiftedLabels | RotatedInputs

    def __post_init__(self) -> None:
        ours, theirs = self.encoder.embeddings.tokens, self.decoder.embeddings.tokens
        if replace(ours, scale=1.0) != replace(theirs, scale=1.0):
            raise ValueError(f"encoder and decoder share their token embeddings, found {ours} and {theirs}")
        if self.encoder.memory is not None or self.encoder.attends_to_encoder:
            what = "attends to an encoder" if self.encoder.memory is None else "has a memory of earlier positions"
            raise ValueError(f"the encoder {what}, which only a decoder can")

    @property
    def decoding(self) -> Stack:
        """The stack whose states heads read."""
        return self.decoder


Architecture = SingleStack | EncoderDecoder
