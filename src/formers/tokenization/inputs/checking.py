"""The forms in which texts may be given to a tokenizer: one, a batch, pairs, split into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def check_input(name: str, value: Any) -> None:
    """Check that a text argument is a text, texts, words, lists of words or pairs (the first item speaks for all).

    Args:
        name: Of the argument.
        value: The argument.

    Raises:
        AssertionError: If it is not, naming the type found.
    """
    inner = value
    for _ in range(4):
        if isinstance(inner, str):
            return
        if not isinstance(inner, (list, tuple)):
            break
        if len(inner) == 0:
            return
        inner = inner[0]
    found = type(value).__name__
    if inner is not value:
        found = f"a {found} that holds {type(inner).__name__}"
    raise AssertionError(
        f"{name} input must of type `str` (single example), `List[str]` (batch or single pretokenized example) or "
        f"`List[List[str]]` (batch of pretokenized examples), but it is {found}."
    )


def is_batch(text: Any, is_pretokenized: bool) -> bool:
    """Find out whether a text argument is a batch."""
    if not isinstance(text, (list, tuple)):
        return False
    return not is_pretokenized or (len(text) > 0 and isinstance(text[0], (list, tuple)))


def check_pairs(texts: Sequence[Any], text_pairs: Any) -> None:
    """Check that the second sequences of a batch are as many as the first ones.

    Raises:
        ValueError: If they are not.
    """
    if text_pairs is not None and (not isinstance(text_pairs, (list, tuple)) or len(text_pairs) != len(texts)):
        found = f"{len(text_pairs)} items" if isinstance(text_pairs, (list, tuple)) else type(text_pairs).__name__
        raise ValueError(f"text is a batch of {len(texts)} items, so text_pair must be one too, but it is {found}")


def split_pairs(batch: Sequence[Any], is_pretokenized: bool) -> tuple[list[Any], list[Any] | None]:
    """Split a batch of texts or pairs into first and second sequences.

    Raises:
        ValueError: If an item is neither one sequence nor a pair; the message names its index.
    """
    if set(map(type, batch)) <= {str}:
        return list(batch), None
    # What is a sequence by itself: a text or a list of token ids; with `is_pretokenized` a list of words.
    sequence = (list, tuple) if is_pretokenized else (list, tuple, str)
    firsts: list[Any] = []
    seconds: list[Any] = []
    for index, item in enumerate(batch):
        several = isinstance(item, (list, tuple)) and any(isinstance(part, sequence) for part in item)
        if several and len(item) != 2:
            kind = "list of words" if is_pretokenized else "text (or, with is_pretokenized=True, its words)"
            raise ValueError(
                f"item {index} of the batch has {len(item)} parts ({described(item)}): expected a pair of two, or a "
                f"single {kind}"
            )
        firsts.append(item[0] if several else item)
        seconds.append(item[1] if several else None)
    return firsts, None if all(second is None for second in seconds) else seconds


def described(value: Any) -> str:
    """Describe a value of the wrong type for an error: the type, of lists those of the items, of others the start."""
    name = type(value).__name__
    if isinstance(value, (list, tuple)):
        return f"{name} of {', '.join(sorted({type(item).__name__ for item in value})) or 'nothing'}"
    return f"{name}: {str(value)[:50]!r}"
