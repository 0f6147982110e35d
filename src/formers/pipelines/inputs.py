"""What a pipeline may be called with: one text, several, a list, a column, a generator."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

logger = logging.getLogger(__name__)


class ArgumentHandler(ABC):
    """Turns the arguments of a pipeline's call into its inputs; pass another one as `args_parser`."""

    @abstractmethod
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return the inputs as a list, or as an iterator that is read step by step."""


class DefaultArgumentHandler(ArgumentHandler):
    """Takes `nlp("a")`, `nlp("a", "b")`, `nlp(["a", "b"])`, columns, generators, and the keywords `X=` and `data=`."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Return a list of inputs; a single generator comes back as it is.

        Raises:
            ValueError: If positional arguments and keywords are mixed, or there are none.
        """
        if not args and not kwargs:
            raise ValueError(
                "there are no inputs: pass a text, several, or one list, column or generator of them, as nlp(texts)"
            )
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
    """Make a list of inputs of one input, or of any column of them.

    Args:
        value: A string, dict or other single object; a list, tuple, NumPy array, pandas or datasets column; or an
            iterator, which is not consumed here.

    Raises:
        TypeError: If it is a data frame, which has several columns.
    """
    if _is_data_frame(value):
        columns = list(value.columns)
        shown = ", ".join(repr(name) for name in columns[:6]) + (", ..." if len(columns) > 6 else "")
        raise TypeError(
            f"the input is a {type(value).__name__} with the columns {shown}, expected texts: pass one of its columns, "
            f"such as nlp(table[{(columns or ['text'])[0]!r}])"
        )
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        return [value]
    if isinstance(value, Iterator):
        return value
    return value if isinstance(value, list) else list(value)


def _is_data_frame(value: Any) -> bool:
    """Tell whether a value is a table of pandas or its like, which holds columns instead of texts."""
    return hasattr(value, "columns") and len(getattr(value, "shape", ())) == 2


def check_text(value: Any, index: int) -> str:
    """Return the input at `index`, which must be a string.

    Raises:
        TypeError: If it is not; the message names the index and the type.
    """
    return _checked(value, index, "a string")


def check_text_or_pair(value: Any, index: int) -> str | tuple[str, str]:
    """Return the input at `index`, which must be a string, or a tuple or list of two.

    Raises:
        TypeError: If it is neither; the message names the index and the type.
    """
    if isinstance(value, list | tuple) and len(value) == 2 and all(isinstance(text, str) for text in value):
        return str(value[0]), str(value[1])
    return _checked(value, index, "a string, or a pair of strings")


def _checked(value: Any, index: int, expected: str) -> str:
    if isinstance(value, str):
        return str(value)
    shown = repr(value)
    shown = shown if len(shown) <= 60 else shown[:57] + "..."
    raise TypeError(f"input {index} is of type {type(value).__name__} ({shown}), expected {expected}")
