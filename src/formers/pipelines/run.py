"""What goes through a pipeline: a stretch of the inputs of a call, with the call's options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

# What is tokenized and sorted at once. It is long enough for tight batches and short enough that the tokens of an
# endless input do not pile up.
RUN_INPUTS = 4096
RUN_CHARACTERS = 4_000_000


def _nobody(count: float) -> None:
    """Ignore the progress."""


@dataclass(frozen=True)
class Run:
    """A stretch of the inputs of a call.

    Attributes:
        inputs: The inputs themselves.
        first: Index of the first one among all inputs of the call, for messages.
        options: All options of the call, see `Pipeline._options`.
        advance: Told how many inputs a batch has finished.
    """

    inputs: Sequence[Any]
    first: int
    options: Mapping[str, Any]
    advance: Callable[[float], None] = _nobody

    def reading(self, inputs: Sequence[Any]) -> Run:
        """Return the same run with other inputs instead, one for one."""
        return replace(self, inputs=inputs)

    def counting(self, share: float) -> Run:
        """Return the same run whose batches have `share` inputs of the call for each of their rows."""
        return replace(self, advance=lambda count: self.advance(count * share))


def runs(
    inputs: Iterable[Any],
    options: Mapping[str, Any],
    advance: Callable[[float], None] = _nobody,
    *,
    whole: bool = False,
    size: int | None = None,
) -> Iterator[Run]:
    """Split the inputs of a call into runs, reading no further than the one at hand.

    Args:
        inputs: Any iterable.
        options: All options of the call.
        advance: Told how many inputs a batch has finished.
        whole: Whether all inputs must be in one run.
        size: Most inputs of a run, if not what suits a single call of a model.
    """
    size = size or RUN_INPUTS
    first, items, characters = 0, [], 0
    for item in inputs:
        items.append(item)
        text = getattr(item, "context_text", item)  # the context of a question, or the text itself
        texts = text if isinstance(text, list | tuple) else (text,)  # both of a pair
        characters += sum(len(one) for one in texts if isinstance(one, str))
        if not whole and (len(items) >= size or characters >= RUN_CHARACTERS):
            yield Run(items, first, options, advance)
            first, items, characters = first + len(items), [], 0
    if items:
        yield Run(items, first, options, advance)
