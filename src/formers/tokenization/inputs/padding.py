"""Padding: rows of token ids and what goes with them, to one length, as lists or as tensors."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from formers.tokenization.inputs.tensors import ragged, to_framework
from formers.tokenization.types import Ids, PaddingStrategy, TensorType


@dataclass(frozen=True)
class PaddingFormat:
    """What a tokenizer pads with.

    Args:
        side: `"right"` or `"left"`.
        token_id: Id of the padding token.
        type_id: Token type of padding.
    """

    side: str
    token_id: int
    type_id: int

    @property
    def values(self) -> dict[str, int]:
        """What each of the `Rows` is padded with, besides the attention mask."""
        return {"input_ids": self.token_id, "token_type_ids": self.type_id, "special_tokens_mask": 1}


@dataclass
class Rows:
    """The parts of model inputs, one list a sequence, before padding."""

    input_ids: list[Ids]
    token_type_ids: list[Ids] | None = None
    special_tokens_mask: list[Ids] | None = None
    attention_mask: list[Ids] | None = None


def padded_length(longest: int, how: PaddingStrategy, max_length: int | None, multiple: int | None) -> int | None:
    """Compute what length to pad to.

    Args:
        longest: Length of the longest row.
        how: What to pad to.
        max_length: Length for `PaddingStrategy.MAX_LENGTH`.
        multiple: Round up to a multiple of this.

    Returns:
        The length; None for no padding.
    """
    if how is PaddingStrategy.DO_NOT_PAD:
        return None
    length = max_length if how is PaddingStrategy.MAX_LENGTH else longest
    assert length is not None
    return length if not multiple else -(-length // multiple) * multiple


def padded(padding: PaddingFormat, rows: Rows, width: int | None, with_mask: bool) -> dict[str, Any]:
    """Pad rows to one length.

    Args:
        padding: With what, and on which side.
        rows: The rows.
        width: The length; None leaves them as they are.
        with_mask: Whether to give an attention mask; one that `rows` has is padded in any case.

    Returns:
        Lists of rows by name.
    """
    left = padding.side == "left"
    # What is missing is counted in token ids, whatever the length of the rows beside them (mBART's masks).
    missing = [0 if width is None else max(width - len(row), 0) for row in rows.input_ids]
    data: dict[str, Any] = {
        name: _padded_rows(value, missing, pad, left)
        for name, pad in padding.values.items()
        if (value := getattr(rows, name)) is not None
    }
    masks = rows.attention_mask
    if masks is None and with_mask:
        masks = [[1] * len(row) for row in rows.input_ids]
    if masks is not None:
        data["attention_mask"] = _padded_rows(masks, missing, 0, left)
    return data


def padded_tensors(
    padding: PaddingFormat, rows: Rows, width: int | None, with_mask: bool, kind: TensorType
) -> dict[str, Any]:
    """Pad rows as `padded` does, straight into tensors.

    Returns:
        Tensors `[batch, width]` by name.

    Raises:
        ValueError: If rows are of different length and there is no padding.
    """
    lengths = np.fromiter(map(len, rows.input_ids), dtype=np.int64, count=len(rows.input_ids))
    longest = int(lengths.max(initial=0))
    if width is None or longest > width:
        if lengths.min(initial=longest) != longest:
            raise ragged("input_ids", rows.input_ids)
        width = longest
    filled = np.arange(width) < lengths[:, None]
    if padding.side == "left":
        filled = filled[:, ::-1]
    arrays: dict[str, np.ndarray] = {}
    for name, pad in padding.values.items():
        if (value := getattr(rows, name)) is not None:
            arrays[name] = np.full(filled.shape, pad, dtype=np.int64)
            arrays[name][filled] = np.fromiter(chain.from_iterable(value), dtype=np.int64)
    if with_mask:
        arrays["attention_mask"] = filled.astype(np.int64)
    return {name: to_framework(array, kind) for name, array in arrays.items()}


def _padded_rows(rows: list[Ids], missing: list[int], pad: int, left: bool) -> list[Ids]:
    if not any(missing):
        return rows
    if left:
        return [[pad] * count + row if count else row for row, count in zip(rows, missing, strict=True)]
    return [row + [pad] * count if count else row for row, count in zip(rows, missing, strict=True)]
