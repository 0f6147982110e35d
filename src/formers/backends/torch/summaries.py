"""`SequenceSummary`: one vector of a sequence, as the `summary_...` attributes of a configuration say."""
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import At, Dense, Head, Reads
from formers.architecture.names import NameTable
from formers.configuration import PretrainedConfig

from .activations import get_activation
from .containers import HeadContainer, ReadingEntrance
from .tree import Tree

TREE = Tree(__name__, NameTable(""))
READS: dict[str, Any] = {"last": Reads.LAST_TOKEN, "first": Reads.FIRST_TOKEN, "mean": Reads.MEAN, "cls_index": At}
TYPES = tuple(READS)


class SummaryEntrance(ReadingEntrance):
    """A head that sums a sequence up."""

    __slots__ = ()

    def run_head(self, head: Head, hidden: Tensor, inputs: Mapping[str, Any]) -> Tensor:
        """Compute the head.

        Raises:
            ValueError: the configuration has it read something else.
        """
        documented = READS.get(getattr(self.module, "summary_type", ""))
        if documented is not None and not (head.reads is documented or isinstance(head.reads, documented)):
            raise ValueError(f"{self.path} has the type {self.module.summary_type!r}, and its head reads {head.reads}")
        if not isinstance(head.reads, At):
            return self.enter(hidden, None)
        index, lead = inputs.get(head.reads.argument), inputs.get("lead")
        if lead is None:
            return self.enter(hidden, index)
        # The documented shapes, which it would see if it were called by itself.
        index = None if index is None else index.reshape(lead)
        summed = self.enter(hidden.reshape(*lead, *hidden.shape[1:]), index)
        return summed.reshape(hidden.shape[0], summed.shape[-1])


class SequenceSummary(HeadContainer, tree=TREE):
    """Reduces the hidden states of a sequence to one vector.

    Args:
        config: has, where they differ from doing nothing, `summary_type` (`last`, the default, `first`, `mean` or
            `cls_index`), `summary_use_proj`, `summary_proj_to_labels`, `summary_activation`, `summary_first_dropout`
            and `summary_last_dropout`.

    Raises:
        NotImplementedError: the type is `attn`, which was never implemented.
        ValueError: the type is unknown.
    """

    entrance = SummaryEntrance
    reads = True
    first_dropout: nn.Module
    last_dropout: nn.Module

    def __init__(self, config: PretrainedConfig):
        self.begin()
        self.config = config
        self.settled()

    def settled(self) -> None:
        """See `Container.settled`."""
        config = self.config
        self.summary_type = getattr(config, "summary_type", "last")
        if self.summary_type == "attn":
            raise NotImplementedError(f"summary_type 'attn' does not exist; expected one of {', '.join(TYPES)}")
        if self.summary_type not in TYPES:
            raise ValueError(f"summary_type is {self.summary_type!r}; expected one of {', '.join(TYPES)}")
        self._check_steps()
        self.summary: nn.Module = nn.Identity()
        if getattr(config, "summary_use_proj", False):
            to_labels = getattr(config, "summary_proj_to_labels", False) and config.num_labels > 0
            self.summary = nn.Linear(config.hidden_size, config.num_labels if to_labels else config.hidden_size)
        activation = getattr(config, "summary_activation", None)
        self.activation: Any = get_activation(activation) if activation else nn.Identity()
        for name in ("first_dropout", "last_dropout"):
            rate = getattr(config, f"summary_{name}", 0.0)
            setattr(self, name, nn.Dropout(rate) if rate > 0 else nn.Identity())

    def _check_steps(self) -> None:
        """Raise if a head has other steps than its configuration says."""
        steps, activation = getattr(self, "spec", ()), getattr(self.config, "summary_activation", None)
        names = [step.path.rpartition(".")[2] for step in steps]
        projected = ["summary"] if getattr(self.config, "summary_use_proj", False) else []
        dense = [(step.activation, step.activated) for step in steps if isinstance(step, Dense)]
        if steps and (
            names != ["first_dropout", *projected, "last_dropout"]
            or dense != [(activation, f"{self.head_path}.activation") for _ in projected]
        ):
            raise ValueError(f"{self.head_path} has other steps than its configuration says: {steps}")

    def forward(self, hidden_states: Tensor, cls_index: Tensor | None = None) -> Tensor:
        """Sum up.

        Args:
            hidden_states: *Shape:* `[batch, seq, hidden]`; for `cls_index` there may be axes between the first two.
            cls_index: for the type `cls_index`, the positions to take; the last one by default. *Shape:* that of
                `hidden_states` without the last two axes.

        Returns:
            *Shape:* `[batch, size]`.

        Raises:
            ValueError: `cls_index` has another shape.
        """
        output = self.summary(self.first_dropout(self._reduce(hidden_states, cls_index)))
        return self.last_dropout(self.activation(output))

    def _reduce(self, hidden: Tensor, index: Tensor | None) -> Tensor:
        match self.summary_type:
            case "last":
                return hidden[:, -1]
            case "first":
                return hidden[:, 0]
            case "mean":
                return hidden.mean(1)
        if index is None:
            return hidden[..., -1, :]
        if index.shape != hidden.shape[:-2]:
            raise ValueError(
                f"cls_index has shape {tuple(index.shape)}, but hidden_states have shape {tuple(hidden.shape)}; "
                f"expected {tuple(hidden.shape[:-2])}"
            )
        index = index[..., None, None].expand(*index.shape, 1, hidden.shape[-1])
        return torch.gather(hidden, -2, index).squeeze(-2)

    def compute(self, hidden: Tensor, index: Tensor | None) -> Tensor:  # type: ignore[override]
        """Sum up, for the positions of a flat batch."""
        return self.forward(hidden, index)

    @classmethod
    def arguments(cls, hidden: Tensor, index: Tensor | None) -> tuple[Any, ...]:  # type: ignore[override]
        """See `Container.arguments`."""
        return hidden, index
