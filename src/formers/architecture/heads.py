"""Heads: what they read, the steps to the output, the loss. Paths are the attributes of the finished model."""
from dataclasses import dataclass
from enum import Enum

from .norms import Norm


class Reads(Enum):
    """What part of the base model's output a head reads."""

    EVERY_TOKEN = "every position"
    FIRST_TOKEN = "the first position"
    LAST_TOKEN = "the last position"
    MEAN = "the mean over all positions"
    POOLED = "the pooler's output"


@dataclass(frozen=True)
class LastOf:
    """A head reads the last position that holds `token` (BART)."""

    token: int


@dataclass(frozen=True)
class At:
    """A head reads the positions that the argument `argument` of the call names; the last one where it is not given."""

    argument: str


@dataclass(frozen=True)
class Dropout:
    """Dropout, in training only; `path` is that of its module in PyTorch."""

    p: float
    path: str = "dropout"


@dataclass(frozen=True)
class Dense:
    """A linear layer with `size` outputs at `path`, then an activation; `activated` is its module's path, if any."""

    path: str
    size: int
    activation: str | None = None
    activated: str | None = None


@dataclass(frozen=True)
class Normalize:
    """A norm at `path`."""

    path: str
    norm: Norm


@dataclass(frozen=True)
class Scale:
    """A factor."""

    factor: float


@dataclass(frozen=True)
class Vocabulary:
    """A linear layer that scores the vocabulary, at `path`; its weight is the token embeddings' if it is `tied`.

    `bias` is the path of its bias: `path + ".bias"` alone, or a parameter elsewhere that the layer shares; None
    without.
    """

    path: str
    bias: str | None
    tied: bool = True


@dataclass(frozen=True)
class TokenScores:
    """The token embeddings themselves score the vocabulary, with a fixed bias, the buffer `bias` (BART)."""

    bias: str


Step = Dropout | Dense | Normalize | Scale | Vocabulary | TokenScores


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

    `shifted` compares position i with label i + 1 (causal language models). `path` is that of its module in PyTorch,
    where the documented model has one.
    """

    label: str = "labels"
    masked: bool = False
    shifted: bool = False
    path: str | None = None


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
        loss_name: name of its loss among the outputs; losses of one name are added, and are there if all of them are.
    """

    outputs: tuple[str, ...]
    reads: Reads | LastOf | At
    steps: tuple[Step, ...]
    loss: Loss
    per_choice: bool = False
    loss_name: str = "loss"

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the arguments that the loss needs."""
        return (self.loss.start, self.loss.end) if isinstance(self.loss, SpanLoss) else (self.loss.label,)

    @property
    def vocabulary(self) -> Vocabulary | TokenScores | None:
        """The step that scores the vocabulary, or None."""
        return next((step for step in self.steps if isinstance(step, Vocabulary | TokenScores)), None)
