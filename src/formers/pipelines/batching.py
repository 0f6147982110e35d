"""Batches with little padding: sorted by length, packed under a budget of tokens, halved when memory runs out."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

logger = logging.getLogger(__name__)


@dataclass
class Limits:
    """How large a batch may become.

    Attributes:
        max_tokens: Most tokens of a batch, padding included; a single longer input still makes a batch.
        batch_size: Most inputs of a batch, or None.
        overhead: What starting one more batch costs, in tokens. The larger, the more padding is accepted for the sake
            of fewer batches.
        equal: Whether the inputs of a batch must have one length.
    """

    max_tokens: int
    batch_size: int | None = None
    overhead: int = 64
    equal: bool = False


def plan(lengths: np.ndarray, limits: Limits, width: int | None = None) -> list[np.ndarray]:
    """Group inputs into batches that cost the least.

    A batch costs its rows times its longest length, plus `limits.overhead`. Sorted by length, the best batches are
    stretches of the order, so the cheapest partition is found exactly by dynamic programming.

    Args:
        lengths: Tokens of each input, int64 `[inputs]`.
        limits: Bounds of a batch.
        width: Length that every batch is padded to, if not its own longest.

    Returns:
        Indices of each batch, longest inputs first: what does not fit into memory fails at the start.
    """
    order = np.argsort(-lengths, kind="stable")
    widths = np.maximum(lengths[order] if width is None else np.full(len(order), width), 1)
    count = len(order)
    rows = np.maximum(limits.max_tokens // widths, 1)
    if limits.batch_size is not None:
        rows = np.minimum(rows, limits.batch_size)
    if limits.equal:
        rows = np.minimum(rows, np.searchsorted(-widths, -widths, side="right") - np.arange(count))
    best = np.full(count + 1, np.inf)  # best[i]: least cost of the first i inputs
    best[0] = 0.0
    previous = np.zeros(count + 1, dtype=np.int64)
    for start in range(count):
        stop = min(start + int(rows[start]), count)
        costs = best[start] + limits.overhead + widths[start] * np.arange(1, stop - start + 1)
        better = costs < best[start + 1 : stop + 1]
        best[start + 1 : stop + 1][better] = costs[better]
        previous[start + 1 : stop + 1][better] = start
    batches, stop = [], count
    while stop:
        start = int(previous[stop])
        batches.append(order[start:stop])
        stop = start
    return batches[::-1]


def run(
    lengths: np.ndarray,
    limits: Limits,
    execute: Callable[[np.ndarray], Any],
    is_out_of_memory: Callable[[Exception], bool],
    width: int | None = None,
) -> Iterator[tuple[np.ndarray, Any]]:
    """Execute all inputs batch by batch, with smaller batches where memory runs out.

    Args:
        lengths: Tokens of each input, int64 `[inputs]`.
        limits: Bounds of a batch; `max_tokens` is lowered to what turned out to fit.
        execute: Called with the indices of a batch.
        is_out_of_memory: Whether an exception of `execute` means that the batch was too large; it may free caches.
        width: Length that every batch is padded to, if not its own longest.

    Yields:
        The indices of a batch and what `execute` returned.

    Raises:
        MemoryError: If a single input does not fit.
    """
    queue = deque(plan(lengths, limits, width))
    while queue:
        batch = queue.popleft()
        tokens = len(batch) * (width or int(lengths[batch].max()))
        if tokens > limits.max_tokens and len(batch) > 1:  # the limit was lowered after the plan was made
            queue.extendleft(_halves(batch))
            continue
        failure = None
        try:
            result = execute(batch)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            failure = str(error).strip().partition("\n")[0] or type(error).__name__
        # Outside of the handler, which keeps the failed batch's tensors alive.
        if failure is None:
            yield batch, result
        elif len(batch) == 1:
            raise MemoryError(f"an input of {tokens} tokens does not fit into memory even by itself ({failure})")
        else:
            limits.max_tokens = tokens // 2
            logger.warning(
                "out of memory at %d inputs x %d tokens: going on with at most %d tokens a batch",
                len(batch), tokens // len(batch), limits.max_tokens,
            )  # fmt: skip
            queue.extendleft(_halves(batch))


def _halves(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return second and first half: in the order in which `extendleft` puts the first one in front."""
    middle = len(batch) // 2
    return batch[middle:], batch[:middle]
