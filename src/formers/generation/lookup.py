"""Prompt lookup (Saxena, 2023): guess the next tokens from where the last ones stood before."""
from __future__ import annotations

from typing import Any

LONGEST = 3  # tokens that must agree, tried from this many down to one


def guess(ops: Any, text: Any, ids: Any, count: int) -> Any:
    """Guess how the rows of `ids` go on.

    Args:
        ops: operations of the backend.
        text: where to look: the prompt, or what the encoder read, and what was generated.
            *Shape:* `[rows, text length]`.
        ids: the tokens so far. *Shape:* `[rows, length]`.
        count: number of tokens to guess.

    Returns:
        *Shape:* `[rows, guessed]`, with at most `count` columns; rows without a match guess anything. None if no row
        has a match.
    """
    size, length = text.shape[1], ids.shape[1]
    position, found = None, None
    for agree in range(min(LONGEST, length, size - 1), 0, -1):
        starts = size - agree
        same = None
        for offset in range(agree):
            column = ids[:, length - agree + offset : length - agree + offset + 1]
            equal = text[:, offset : offset + starts] == column
            same = equal if same is None else same & equal
        # The latest match: it tells most about what comes.
        at = ops.where(same, ops.arange(starts, ids)[None] + agree, 0)
        last = ops.max(at, -1)
        position = last if position is None else ops.where(found, position, last)
        found = position > 0
        if ops.as_bool(ops.all(found)):
            break
    if position is None or not ops.as_bool(ops.any(found)):
        return None
    count = min(count, size - ops.as_int(ops.min(ops.where(found, position, size))))
    index = ops.minimum(position[:, None] + ops.arange(count, ids)[None], size - 1)
    return ops.take_along_axis(text, index)
