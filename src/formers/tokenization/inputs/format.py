"""What the model inputs of a tokenizer look like."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from formers.tokenization.inputs.layout import Layout
from formers.tokenization.inputs.padding import PaddingFormat
from formers.tokenization.types import Ids, TruncationStrategy


class Truncate(Protocol):
    """Takes tokens from the end of one sequence or two: `truncate_sequences` of a tokenizer."""

    def __call__(
        self,
        ids: Ids,
        pair_ids: Ids | None = None,
        num_tokens_to_remove: int = 0,
        truncation_strategy: str | TruncationStrategy = "longest_first",
        stride: int = 0,
    ) -> tuple[Ids, Ids | None, Ids]:
        """Return the sequences that are left and the removed tokens."""


@dataclass(frozen=True)
class InputFormat:
    """How token ids become model inputs.

    Args:
        layouts: Where special tokens go, by whether there is a second sequence.
        truncate: Takes tokens from sequences that are too long.
        padding: What to pad with.
        model_max_length: Longest input of the model, in tokens; longer ones are warned of.
    """

    layouts: Mapping[bool, Layout]
    truncate: Truncate
    padding: PaddingFormat
    model_max_length: int
