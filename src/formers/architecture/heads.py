"""Heads: what they read, the steps to the output, the loss. Paths are the attributes of the finished model."""
from dataclasses import dataclass
from enum import Enum

from .norms import Norm


class Reads(Enum):
    """What part of the base model's output a head reads."""

    EVERY_TOKEN = "every position"
    FIRST_TOKEN = "the first position"
    POOLED = "the pooler's output"
    LAST_EOS = "the last end-of-sentence token"


@dataclass(frozen=True)
class Dropout:
    """Dropout, in training only."""

    p: float


@dataclass(frozen=True)
class Dense:
    """A linear map to `size` outputs at `path`, then an activation."""

    path: str
    size: int
    activation: str | None = None


@dataclass(frozen=True)
class Normalize:
    """A norm at `path`."""

    path: str
    norm: Norm


@dataclass(frozen=True)
class Vocabulary:
    """A linear map to the vocabulary at `path` whose weight is the word table.

    `bias` is the path of its bias: `path + ".bias"` alone, or a parameter elsewhere that the map shares.
    """

    path: str
    bias: str


Step = Dropout | Dense | Normalize | Vocabulary


@dataclass(frozen=True)
class LabelLoss:
    """Cross-entropy with one label a row."""

    label: str = "labels"


@dataclass(frozen=True)
class SquaredLoss:
    """Mean squared error with one number a row (regression)."""

    label: str = "labels"


@dataclass(frozen=True)
class TokenLoss:
    """Cross-entropy with one label a position; label -100 is left out, and so are masked positions if `masked`.

    `shifted` compares position i with label i + 1 (causal language models).
    """

    label: str = "labels"
    masked: bool = False
    shifted: bool = False


@dataclass(frozen=True)
class SpanLoss:
    """Mean of the cross-entropies of start and end; positions outside of the sequence are left out."""

    start: str = "start_positions"
    end: str = "end_positions"


Loss = LabelLoss | SquaredLoss | TokenLoss | SpanLoss


@dataclass(frozen=True)
class Head:
    """One head.

    Attributes:
        outputs: names of what it gives; two names split the last axis of size two.
        reads: what it reads.
        steps: what it does.
        loss: how it learns.
        per_choice: its single logits are regrouped to `[batch, choices]`.
    """

    outputs: tuple[str, ...]
    reads: Reads
    steps: tuple[Step, ...]
    loss: Loss
    per_choice: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the arguments that the loss needs."""
        return (self.loss.start, self.loss.end) if isinstance(self.loss, SpanLoss) else (self.loss.label,)
