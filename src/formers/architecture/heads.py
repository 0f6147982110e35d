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

    def __post_init__(self) -> None:
        each = isinstance(self.loss, TokenLoss | SpanLoss)
        if each != (self.reads is Reads.EVERY_TOKEN):
            kind = "every position" if each else "one vector a row"
            raise ValueError(f"a head with a {type(self.loss).__name__} reads {kind}, found {self.reads}")
        count = 2 if isinstance(self.loss, SpanLoss) else 1
        if len(set(self.outputs)) != len(self.outputs) or len(self.outputs) != count:
            found = ", ".join(self.outputs) or "none"
            raise ValueError(f"a head with a {type(self.loss).__name__} needs {count} names of outputs, found {found}")
        size = next((step.size for step in reversed(self.steps) if isinstance(step, Dense)), None)
        if count == 2 and size != 2:
            raise ValueError(f"a head with two outputs ends in vectors of two, found {size}")
        if self.per_choice and size != 1:
            raise ValueError(f"a head that scores choices gives one number for each, found {size}")
        self._check_paths()

    def _check_paths(self) -> None:
        weights = [step.path for step in self.steps if isinstance(step, Dense | Normalize | Vocabulary)]
        if len(set(weights)) != len(weights):
            raise ValueError(f"the steps of a head need paths of their own, found {', '.join(weights)}")
        rates: dict[str, float] = {}
        for step in self.steps:
            if isinstance(step, Dropout) and rates.setdefault(step.path, step.p) != step.p:
                raise ValueError(f"{step.path} is one dropout, found the probabilities {rates[step.path]} and {step.p}")
            if isinstance(step, Vocabulary) and step.bias is not None:
                owner = step.bias.rpartition(".")[0]
                if owner and not f"{step.path}.".startswith(f"{owner}."):
                    raise ValueError(f"the bias {step.bias} belongs to {step.path} and must be in it, or beside a parent")

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of the arguments that the loss needs."""
        return (self.loss.start, self.loss.end) if isinstance(self.loss, SpanLoss) else (self.loss.label,)

    @property
    def vocabulary(self) -> Vocabulary | TokenScores | None:
        """The step that scores the vocabulary, or None."""
        return next((step for step in self.steps if isinstance(step, Vocabulary | TokenScores)), None)
