"""Repeats that take turns, and their medians."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

Result = TypeVar("Result")


def take_turns(contenders: Mapping[str, Callable[[], Result]], repeats: int) -> dict[str, list[Result]]:
    """Run every contender once in a round, so that a slow minute of the machine is everyone's.

    Args:
        contenders: what to run, by name.
        repeats: rounds; every second round goes backwards, for nobody always follows the same neighbour.

    Returns:
        The results of each contender, in the order of the rounds.
    """
    results: dict[str, list[Result]] = {name: [] for name in contenders}
    for turn in range(repeats):
        names = list(contenders)
        for name in names if turn % 2 == 0 else reversed(names):
            results[name].append(contenders[name]())
    return results


def medians(records: list[dict[str, Any]]) -> dict[str, float]:
    """Median of each numeric field over records with the same fields."""
    return {
        field: statistics.median(record[field] for record in records)
        for field, value in records[0].items()
        if isinstance(value, (int, float))
    }
