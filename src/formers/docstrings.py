"""Decorators that put shared text into docstrings."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

Documented = TypeVar("Documented", bound=Callable[..., object])


def add_start_docstrings(*docstr: str) -> Callable[[Documented], Documented]:
    """Decorate a function or class: put text before its docstring."""

    def decorate(function: Documented) -> Documented:
        function.__doc__ = "".join(docstr) + (function.__doc__ or "")
        return function

    return decorate


def add_end_docstrings(*docstr: str) -> Callable[[Documented], Documented]:
    """Decorate a function or class: put text after its docstring."""

    def decorate(function: Documented) -> Documented:
        function.__doc__ = (function.__doc__ or "") + "".join(docstr)
        return function

    return decorate


def add_start_docstrings_to_callable(*docstr: str) -> Callable[[Documented], Documented]:
    """Decorate a model's `forward` or `call`: say that the model itself is to be called, and put text before it."""

    def decorate(function: Documented) -> Documented:
        owner, _, name = function.__qualname__.rpartition(".")
        intro = (
            f"\n    Computes what calling a :class:`~transformers.{owner}` gives.\n\n"
            f"    .. note::\n        Call the model itself instead of ``{name}``: hooks run then, and only then.\n\n"
        )
        function.__doc__ = intro + "".join(docstr) + (function.__doc__ or "")
        return function

    return decorate
