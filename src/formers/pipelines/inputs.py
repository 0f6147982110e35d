"""What a pipeline may be called with: one text, several, a list, a column, a generator; and how it is read."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

logger = logging.getLogger(__name__)

# A window is what is tokenized and sorted at once. It is long enough for tight batches and short enough
# that the tokens of an endless input do not pile up.
WINDOW_INPUTS = 4096
WINDOW_CHARACTERS = 4_000_000


class ArgumentHandler(ABC):
    """Turns the arguments of a pipeline's call into its inputs; pass one of your own as `args_parser`."""

    @abstractmethod
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the inputs as a list, or as an iterator that is read step by step."""


class DefaultArgumentHandler(ArgumentHandler):
    """Takes `nlp("a")`, `nlp("a", "b")`, `nlp(["a", "b"])`, columns, generators, and the keywords `X=` and `data=`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a list of inputs; a single generator comes back as it is.

        Raises:
            ValueError: If positional arguments and keywords are mixed.
        """
        if args and kwargs:
            raise ValueError(
                f"inputs came both as arguments and as keywords ({', '.join(sorted(kwargs))}): "
                "pass the texts one way only, and check the spelling of the options"
            )
        values = args or tuple(kwargs.values())
        if len(values) == 1:
            return as_inputs(values[0])
        return list(chain.from_iterable(as_inputs(value) for value in values))


def as_inputs(value: Any) -> list[Any] | Iterator[Any]:
    """A list of inputs from one input, or from any column of them.

    Args:
        value: A string, dict or other single object; a list, tuple, NumPy array, pandas or datasets column; or an
            iterator, which is not consumed here.
    """
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return [value]
    if isinstance(value, Iterator):
        return value
    return value if isinstance(value, list) else list(value)


def check_text(value: Any, index: int) -> str:
    """The input at `index`, which must be a string.

    Raises:
        TypeError: If it is not; the message names the index and the type.
    """
    if isinstance(value, str):
        return str(value)
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    raise TypeError(f"input {index} is of type {type(value).__name__} ({shown}), expected a string")


@dataclass(frozen=True)
class Window:
    """A stretch of the inputs.

    Attributes:
        items: The inputs themselves.
        first: Index of the first one among all inputs, for messages.
    """

    items: Sequence[Any]
    first: int


def windows(inputs: Iterable[Any], whole: bool = False, size: int | None = None) -> Iterator[Window]:
    """Cut the inputs into windows, reading no further than the one at hand.

    Args:
        inputs: Any iterable.
        whole: Whether all inputs must stand in one window.
        size: Most inputs of a window, if not what suits a single call of a model.
    """
    size = size or WINDOW_INPUTS
    first, items, characters = 0, [], 0
    for item in inputs:
        items.append(item)
        text = getattr(item, "context_text", item)  # the context of a question, or the text itself
        characters += len(text) if isinstance(text, str) else 0
        if not whole and (len(items) >= size or characters >= WINDOW_CHARACTERS):
            yield Window(items, first)
            first, items, characters = first + len(items), [], 0
    if items:
        yield Window(items, first)
