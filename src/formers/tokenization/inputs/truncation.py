"""Truncation: how many tokens of one sequence or two stay, and which ones go."""

from __future__ import annotations

from formers.tokenization.types import Ids, TruncationStrategy


def kept_lengths(first: int, second: int | None, remove: int, strategy: TruncationStrategy) -> tuple[int, int] | None:
    """Compute how many tokens of each sequence stay when some must go.

    `longest_first` takes tokens one at a time from the longer sequence, from the second if both are as long.

    Args:
        first: Length of the first sequence.
        second: Length of the second, None if there is none.
        remove: How many tokens must go.
        strategy: Which sequence they are taken from.

    Returns:
        The two lengths; None if the strategy cannot remove that many.
    """
    rest = second or 0
    if strategy is TruncationStrategy.ONLY_FIRST:
        return (first - remove, rest) if first > remove else None
    if strategy is TruncationStrategy.ONLY_SECOND:
        return (first, rest - remove) if rest > remove else None
    if second is None:
        return max(first - remove, 0), 0
    if first > rest:
        excess = min(remove, first - rest)
        first -= excess
    else:
        excess = min(remove, rest - first)
        rest -= excess
    remove -= excess
    return max(first - remove // 2, 0), max(rest - (remove + 1) // 2, 0)


def cannot_truncate(first: int, second: int | None, remove: int, strategy: TruncationStrategy) -> str:
    """Say why `kept_lengths` found no way."""
    which, length = ("first", first) if strategy is TruncationStrategy.ONLY_FIRST else ("second", second or 0)
    return (
        f"We need to remove {remove} to truncate the input but the {which} sequence has a length {length}. Please "
        f"select another truncation strategy than {strategy.value!r}, for instance 'longest_first'."
    )


def removed_tokens(first: Ids, second: Ids | None, kept: tuple[int, int], only: TruncationStrategy, stride: int) -> Ids:
    """Collect what `overflowing_tokens` of the Python tokenizers holds.

    With `longest_first` that is the tokens in the order in which they were removed, the first removal with `stride`
    tokens before it; else the removed end of the sequence with `stride` tokens before it.

    Args:
        first: Token ids of the first sequence.
        second: Those of the second.
        kept: How many of each stay.
        only: The strategy that said so.
        stride: How many of the tokens that stay are returned, too.
    """
    a, b = len(first), len(second or ())
    if only is not TruncationStrategy.LONGEST_FIRST:
        row, keep = (first, kept[0]) if a > kept[0] else (second or [], kept[1])
        return row[max(keep - stride, 0) :]
    removed: Ids = []
    while (a, b) != kept:
        row, end = (first, a) if second is None or a > b else (second, b)
        removed.extend(row[max(end - (1 if removed else stride + 1), 0) : end])
        a, b = (a - 1, b) if row is first else (a, b - 1)
    return removed
