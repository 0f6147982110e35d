"""The parts of an architecture that a backend makes: their names, kinds and sizes.

Names are the network's: `layers.3.attention.query`. The network finds the parts under them when it computes.
"""
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from formers.architecture import (
    Architecture,
    ByWidth,
    Dense,
    Embeddings,
    EncoderDecoder,
    FeedForward,
    Head,
    Init,
    Layer,
    Learned,
    Lookup,
    Norm,
    Normal,
    Normalize,
    PaddingAware,
    Pooler,
    SelfAttention,
    SingleStack,
    Sinusoid,
    Stack,
    Step,
    Sublayer,
    Task,
    TokenLoss,
    TokenScores,
    Vocabulary,
)
from formers.architecture import Dropout as DropoutStep


@dataclass(frozen=True)
class Linear:
    """A linear layer. *Shape:* `[..., inputs]` to `[..., outputs]`; new weights come from N(0, std)."""

    inputs: int
    outputs: int
    bias: bool
    std: float


@dataclass(frozen=True)
class Scorer(Linear):
    """The linear layer that scores the vocabulary.

    Attributes:
        tied: its weight is that of the token embeddings.
        shared_bias: path of the parameter that is its bias, where that is not its own.
    """

    tied: bool = True
    shared_bias: str | None = None


@dataclass(frozen=True)
class Embedding:
    """A table of vectors. *Shape:* ids `[...]` to `[..., size]`.

    Attributes:
        rows, size: its shape.
        std: new vectors come from N(0, std).
        padding: a row that is never trained.
        offset: number of rows before that of the first position.
    """

    rows: int
    size: int
    std: float
    padding: int | None = None
    offset: int = 0


@dataclass(frozen=True)
class Sinusoids:
    """A frozen table of sines and cosines of positions. *Shape:* `[rows, size]`."""

    rows: int
    size: int
    layout: Literal["interleaved", "halves"]


@dataclass(frozen=True)
class Normalization:
    """A norm over vectors of length `size`."""

    norm: Norm
    size: int


@dataclass(frozen=True)
class Dropout:
    """Dropout in training."""

    rate: float


@dataclass(frozen=True)
class Activation:
    """An activation by its name; empty for none."""

    name: str


@dataclass(frozen=True)
class FixedBias:
    """A vector that is added and not trained. *Shape:* `[1, size]`."""

    size: int


@dataclass(frozen=True)
class CrossEntropy:
    """The loss of a head that is a part of the model."""


Weight = Linear | Embedding | Sinusoids | Normalization | Dropout | Activation | FixedBias | CrossEntropy
Named = Iterator[tuple[str, Weight]]
T = TypeVar("T")


def std_of(init: Init, width: int = 1) -> float:
    """Return the standard deviation of new weights (see `ByWidth`).

    Args:
        init: where they come from.
        width: what the standard deviation follows from, where it does: the number of inputs of a linear layer, say.
    """
    match init:
        case Normal(std):
            return std
        case ByWidth(factor):
            return factor / math.sqrt(width)


def model_weights(spec: Architecture) -> Named:
    """Yield the parts of a model without its heads."""
    match spec:
        case SingleStack(stack, init, pooler):
            yield from stack_weights(stack, init)
            if pooler is not None:
                yield from _below("pooler", pooler_weights(pooler, stack.hidden, init))
        case EncoderDecoder(encoder, decoder, init):
            yield from _below("encoder", stack_weights(encoder, init))
            yield from _below("decoder", stack_weights(decoder, init))


def model_specs(spec: Architecture) -> dict[str, object]:
    """Return the specs in an architecture by the network's names of what they describe."""
    match spec:
        case SingleStack(stack, _, pooler):
            return dict(stack_specs(stack)) | {"pooler": pooler}
        case EncoderDecoder(encoder, decoder):
            stacks = (("encoder", encoder), ("decoder", decoder))
            return {f"{name}.{part}".rstrip("."): inner for name, stack in stacks for part, inner in stack_specs(stack)}


def stack_weights(stack: Stack, init: Init) -> Named:
    """Yield the parts of a stack."""
    yield from _below("embeddings", embeddings_weights(stack.embeddings, init))
    for index, layer in enumerate(stack.layers):
        yield from _below(f"layers.{index}", layer_weights(layer, stack.hidden, init))
    for name, bias in (("position_bias", stack.position_bias), ("cross_position_bias", stack.cross_position_bias)):
        if bias is not None:
            yield f"{name}.table", Embedding(bias.buckets, bias.heads, std_of(init, stack.hidden))
    if stack.final_norm is not None:
        yield "norm", Normalization(stack.final_norm, stack.hidden)
    yield "dropout", Dropout(stack.dropout)


def embeddings_weights(spec: Embeddings, init: Init) -> Named:
    """Yield the parts of the embeddings; a table that is computed has none."""
    size = spec.tokens.size
    yield "tokens", Embedding(spec.tokens.vocabulary, size, std_of(init), spec.tokens.padding)
    match spec.positions:
        case Sinusoid(rows, layout, stored=True):
            yield "positions", Sinusoids(rows, size, layout)
        case None | Sinusoid():
            pass
        case Learned(rows, offset):
            padding = spec.tokens.padding if offset else None
            yield "positions", Embedding(rows + offset, size, std_of(init), padding, offset)
        case PaddingAware(rows, padding):
            yield "positions", Embedding(rows, size, std_of(init), padding)
    for lookup in spec.types:
        if isinstance(lookup, Lookup):
            yield lookup.part, Embedding(lookup.size, size, std_of(init))
    if spec.norm is not None:
        yield "norm", Normalization(spec.norm, size)
    yield "dropout", Dropout(spec.dropout)


def layer_weights(layer: Layer, hidden: int, init: Init) -> Named:
    """Yield the parts of a layer."""
    for sublayer in layer.sublayers:
        yield from _below(sublayer.name, sublayer_weights(sublayer, hidden, init))


def sublayer_weights(sublayer: Sublayer, hidden: int, init: Init) -> Named:
    """Yield the parts of a sublayer."""
    block = sublayer.block
    std = std_of(init, hidden)
    if isinstance(block, FeedForward):
        for name in ("gate", "linear") if block.gated else ("up",):
            yield name, Linear(hidden, block.size, block.bias, std)
        yield "activation", Activation(block.activation)
        yield "dropout", Dropout(block.dropout)
        yield "down", Linear(block.size, hidden, block.bias, std_of(init, block.size))
    else:
        inner = block.heads * block.head_size
        if isinstance(block, SelfAttention) and block.projections == "joined":
            yield "qkv", Linear(hidden, 3 * inner, block.bias, std)
        else:
            yield "query", Linear(hidden, inner, block.bias, std_of(init, hidden * block.head_size))
            yield "key", Linear(hidden, inner, block.bias, std)
            yield "value", Linear(hidden, inner, block.bias, std)
        yield "dropout", Dropout(block.dropout)
        yield "output", Linear(inner, hidden, block.bias, std_of(init, inner))
    yield "norm", Normalization(sublayer.norm, hidden)
    yield "residual_dropout", Dropout(sublayer.dropout)


def pooler_weights(pooler: Pooler, hidden: int, init: Init) -> Named:
    """Yield the parts of a pooler."""
    yield "dense", Linear(hidden, hidden, True, std_of(init, hidden))
    yield "activation", Activation(pooler.activation)


def head_weights(head: Head, size: int, vocabulary: int, init: Init) -> Named:
    """Yield the parts of a head, under the paths of its steps.

    Args:
        head: the head.
        size: length of the vectors that it reads.
        vocabulary: number of tokens.
        init: where new weights come from.
    """
    for step in head.steps:
        match step:
            case Dense(path, outputs, activation, activated):
                yield path, Linear(size, outputs, True, std_of(init, size))
                if activated is not None:
                    yield activated, Activation(activation or "")
                size = outputs
            case Normalize(path, norm):
                yield path, Normalization(norm, size)
            case Vocabulary(path, bias, tied):
                shared = None if bias in (None, f"{path}.bias") else bias
                yield path, Scorer(size, vocabulary, bias is not None, std_of(init, size), tied, shared)
            case TokenScores(bias):
                yield bias, FixedBias(vocabulary)
            case DropoutStep(rate, path):
                yield path, Dropout(rate)
    if isinstance(head.loss, TokenLoss) and head.loss.path is not None:
        yield head.loss.path, CrossEntropy()


def alone(spec: Layer | Sublayer, hidden: int, init: Init) -> tuple[Layer | Sublayer, Named]:
    """Return a layer or a sublayer, and its parts."""
    return spec, layer_weights(spec, hidden, init) if isinstance(spec, Layer) else sublayer_weights(spec, hidden, init)


def head_alone(
    spec: Architecture, task: Task, config: object, path: str
) -> tuple[tuple[Step, ...], list[tuple[str, Weight]]]:
    """Return what stands at a path of the heads of a model: the steps, and their parts under the steps' paths.

    Args:
        spec: the architecture of the model.
        task: its task.
        config: its configuration.
        path: the path; steps at it or below it count.
    """
    assert task.heads is not None
    stack, steps, weights = spec.decoding, list[Step](), list[tuple[str, Weight]]()
    for head in task.heads(config):
        steps += [step for step in head.steps if f"{getattr(step, 'path', '')}.".startswith(f"{path}.")]
        weights += head_weights(head, stack.output_size, stack.vocabulary, spec.init)
    return tuple(steps), [pair for pair in weights if f"{pair[0]}.".startswith(f"{path}.")]


def _below(prefix: str, weights: Named) -> Named:
    for name, weight in weights:
        yield f"{prefix}.{name}", weight


def stack_specs(stack: Stack) -> Iterator[tuple[str, object]]:
    """Yield the specs of a stack by the network's names of what they describe."""
    yield "", stack
    yield "embeddings", stack.embeddings
    yield "layers", stack
    for index, layer in enumerate(stack.layers):
        yield f"layers.{index}", layer
        for sublayer in layer.sublayers:
            yield f"layers.{index}.{sublayer.name}", sublayer


def within(name: str, pairs: Iterable[tuple[str, T]]) -> Iterator[tuple[str, T]]:
    """Yield the pairs whose names are below `name`, by the rest of their names."""
    prefix = f"{name}."
    for key, value in pairs:
        if key.startswith(prefix):
            yield key[len(prefix) :], value
