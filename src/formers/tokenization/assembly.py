"""Token ids of texts to model inputs: truncation, special tokens, padding, masks. One code for every tokenizer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from formers.tokenization.options import Options
from formers.tokenization.tensors import ragged, to_framework
from formers.tokenization.types import PaddingStrategy, TensorType, TruncationStrategy

if TYPE_CHECKING:
    from formers.tokenization.preparing import PreparingMixin

logger = logging.getLogger(__name__)

Ids = list[int]
NO_TRUNCATION = TruncationStrategy.DO_NOT_TRUNCATE


@dataclass(frozen=True)
class Layout:
    """Where special tokens stand: before, between and after one or two sequences, and the token type of each part."""

    before: Ids
    between: Ids
    after: Ids
    types_before: Ids
    type_first: int
    types_between: Ids
    type_second: int
    types_after: Ids

    @cached_property
    def added(self) -> int:
        """How many special tokens there are."""
        return len(self.before) + len(self.between) + len(self.after)

    @cached_property
    def _one_type(self) -> bool:
        kinds = {*self.types_before, self.type_first, *self.types_between, self.type_second, *self.types_after}
        return len(kinds) == 1

    def ids(self, first: Ids, second: Ids | None) -> Ids:
        """Token ids of the whole input."""
        if second is None:
            return [*self.before, *first, *self.after]
        return [*self.before, *first, *self.between, *second, *self.after]

    def types(self, first: int, second: int) -> Ids:
        """Token types of an input whose sequences have so many tokens."""
        if self._one_type:
            return [self.type_first] * (self.added + first + second)
        return [
            *self.types_before,
            *[self.type_first] * first,
            *self.types_between,
            *[self.type_second] * second,
            *self.types_after,
        ]

    def special(self, first: int, second: int) -> Ids:
        """1 for special tokens, 0 for the others."""
        return [1] * len(self.before) + [0] * first + [1] * len(self.between) + [0] * second + [1] * len(self.after)


BARE = Layout([], [], [], [], 0, [], 1, [])


def layout_from(
    ids: Callable[..., Ids], types: Callable[..., Ids], pair: bool, first: int = -1, second: int = -2
) -> Layout:
    """Find a layout by trying it out on two sequences of one token each.

    Args:
        ids: `build_inputs_with_special_tokens`.
        types: `create_token_type_ids_from_sequences`.
        pair: Whether for two sequences.
        first: A number that is no token id.
        second: Another one.
    """
    sequences = ([first], [second]) if pair else ([first],)
    row, kinds = ids(*sequences), types(*sequences)
    a = row.index(first)
    if not pair:
        return Layout(row[:a], [], row[a + 1 :], kinds[:a], kinds[a], [], kinds[a], kinds[a + 1 :])
    b = row.index(second)
    return Layout(
        row[:a], row[a + 1 : b], row[b + 1 :], kinds[:a], kinds[a], kinds[a + 1 : b], kinds[b], kinds[b + 1 :]
    )


def kept_lengths(first: int, second: int | None, remove: int, strategy: TruncationStrategy) -> tuple[int, int] | None:
    """How many tokens of each sequence stay when some must go.

    `longest_first` takes tokens one at a time from the longer sequence, from the second if both are as long.

    Args:
        first: Length of the first sequence.
        second: Length of the second, None if there is none.
        remove: How many tokens must go.
        strategy: Who gives way.

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
        alone = min(remove, first - rest)
        first -= alone
    else:
        alone = min(remove, rest - first)
        rest -= alone
    remove -= alone
    return max(first - remove // 2, 0), max(rest - (remove + 1) // 2, 0)


def cannot_truncate(first: int, second: int | None, remove: int, strategy: TruncationStrategy) -> str:
    """Say why `kept_lengths` found no way."""
    which, length = ("first", first) if strategy is TruncationStrategy.ONLY_FIRST else ("second", second or 0)
    return (
        f"We need to remove {remove} to truncate the input but the {which} sequence has a length {length}. Please "
        f"select another truncation strategy than {strategy.value!r}, for instance 'longest_first'."
    )


def removed_tokens(first: Ids, second: Ids | None, kept: tuple[int, int], only: TruncationStrategy, stride: int) -> Ids:
    """What `overflowing_tokens` of the Python tokenizers holds.

    With `longest_first` that is the tokens in the order in which they were removed, the first removal with `stride`
    tokens before it; else the removed end of the sequence with `stride` tokens before it.
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


@dataclass
class Rows:
    """The parts of model inputs, one list a sequence, before padding."""

    input_ids: list[Ids]
    token_type_ids: list[Ids] | None = None
    special_tokens_mask: list[Ids] | None = None
    attention_mask: list[Ids] | None = None


def assemble(
    tokenizer: PreparingMixin, firsts: Sequence[Ids], seconds: Sequence[Ids | None] | None, options: Options
) -> dict[str, Any]:
    """Make model inputs from token ids.

    Args:
        tokenizer: Gives layouts, padding and the way to truncate.
        firsts: Token ids of each first sequence.
        seconds: Token ids of each second sequence, None where there is none.
        options: What to do.

    Returns:
        Lists or (with `return_tensors`) tensors by name, a row for each sequence.
    """
    if seconds is not None and all(second is None for second in seconds):
        seconds = None
    extra: dict[str, list[Any]] = {}
    if options.truncation is not NO_TRUNCATION and options.max_length is not None:
        firsts, seconds = _truncated(tokenizer, firsts, seconds, options, extra)
    elif options.return_overflowing_tokens:
        extra = {"overflowing_tokens": [[] for _ in firsts], "num_truncated_tokens": [0] * len(firsts)}
    rows = _with_special_tokens(tokenizer, firsts, seconds, options)
    _warn_if_too_long(tokenizer, rows.input_ids, options)
    if options.return_length:
        extra["length"] = [len(row) for row in rows.input_ids]
    longest = max(map(len, rows.input_ids), default=0)
    width = padded_length(longest, options.padding, options.max_length, options.pad_to_multiple_of)
    if options.return_tensors is not None:
        return {
            **extra,
            **padded_tensors(tokenizer, rows, width, options.return_attention_mask, options.return_tensors),
        }
    return {**extra, **padded(tokenizer, rows, width, options.return_attention_mask)}


def _truncated(
    tokenizer: PreparingMixin,
    firsts: Sequence[Ids],
    seconds: Sequence[Ids | None] | None,
    options: Options,
    extra: dict[str, list[Any]],
) -> tuple[Sequence[Ids], Sequence[Ids | None] | None]:
    added = {
        pair: tokenizer.num_special_tokens_to_add(pair=pair) if options.add_special_tokens else 0
        for pair in (False, True)
    }
    out_firsts: list[Ids] = list(firsts)
    out_seconds: list[Ids | None] | None = None if seconds is None else list(seconds)
    longest = max(map(len, firsts), default=0) + max((len(second or ()) for second in seconds or ()), default=0)
    assert options.max_length is not None
    if longest + max(added.values()) <= options.max_length and not options.return_overflowing_tokens:
        return firsts, seconds
    overflow: list[Ids] = [[] for _ in out_firsts]
    excess = [0] * len(out_firsts)
    for i, first in enumerate(out_firsts):
        second = None if out_seconds is None else out_seconds[i]
        excess[i] = len(first) + len(second or ()) + added[second is not None] - options.max_length
        if excess[i] > 0:
            out_firsts[i], second, overflow[i] = tokenizer.truncate_sequences(
                first,
                pair_ids=second,
                num_tokens_to_remove=excess[i],
                truncation_strategy=options.truncation,
                stride=options.stride,
            )
            if out_seconds is not None:
                out_seconds[i] = second
    if options.return_overflowing_tokens:
        extra["overflowing_tokens"] = overflow
        extra["num_truncated_tokens"] = excess
    return out_firsts, out_seconds


def _with_special_tokens(
    tokenizer: PreparingMixin, firsts: Sequence[Ids], seconds: Sequence[Ids | None] | None, options: Options
) -> Rows:
    pairs: list[tuple[Ids, Ids | None]] = list(zip(firsts, seconds or [None] * len(firsts), strict=True))
    kinds = {second is not None for _, second in pairs}
    layouts = {pair: tokenizer._layout(pair) if options.add_special_tokens else BARE for pair in kinds}
    rows = Rows([])
    if None in layouts.values():  # a subclass lays its inputs out by itself
        rows.input_ids = [tokenizer.build_inputs_with_special_tokens(*_some(pair)) for pair in pairs]
        if options.return_token_type_ids:
            rows.token_type_ids = [tokenizer.create_token_type_ids_from_sequences(*_some(pair)) for pair in pairs]
        if options.return_special_tokens_mask:
            rows.special_tokens_mask = [tokenizer.get_special_tokens_mask(*pair) for pair in pairs]
        return rows
    chosen = [(layouts[second is not None] or BARE, first, second) for first, second in pairs]
    rows.input_ids = [layout.ids(first, second) for layout, first, second in chosen]
    if options.return_token_type_ids:
        rows.token_type_ids = [layout.types(len(first), len(second or ())) for layout, first, second in chosen]
    if options.return_special_tokens_mask:
        rows.special_tokens_mask = [layout.special(len(first), len(second or ())) for layout, first, second in chosen]
    return rows


def _some(pair: tuple[Ids, Ids | None]) -> tuple[Ids] | tuple[Ids, Ids]:
    first, second = pair
    return (first,) if second is None else (first, second)


def _warn_if_too_long(tokenizer: PreparingMixin, rows: list[Ids], options: Options) -> None:
    if options.max_length is None and options.verbose and rows:
        longest = max(map(len, rows))
        if longest > tokenizer.model_max_length:
            logger.warning(
                "Token indices sequence length is longer than the specified maximum sequence length for this model "
                "(%d > %d). Running this sequence through the model will result in indexing errors",
                longest,
                tokenizer.model_max_length,
            )


def padded_length(longest: int, how: PaddingStrategy, max_length: int | None, multiple: int | None) -> int | None:
    """What length to pad to; None for no padding.

    Args:
        longest: Length of the longest row.
        how: What to pad to.
        max_length: Length for `PaddingStrategy.MAX_LENGTH`.
        multiple: Round up to a multiple of this.
    """
    if how is PaddingStrategy.DO_NOT_PAD:
        return None
    length = max_length if how is PaddingStrategy.MAX_LENGTH else longest
    assert length is not None
    return length if not multiple else -(-length // multiple) * multiple


def padding_values(tokenizer: PreparingMixin, width: int | None) -> dict[str, int]:
    """What each of the `Rows` is padded with."""
    return {
        "input_ids": 0 if width is None else tokenizer.pad_token_id,
        "token_type_ids": tokenizer.pad_token_type_id,
        "special_tokens_mask": 1,
    }


def padded(tokenizer: PreparingMixin, rows: Rows, width: int | None, with_mask: bool) -> dict[str, Any]:
    """Pad rows to one length.

    Args:
        tokenizer: Says with what, and on which side.
        rows: The rows.
        width: The length; None leaves them as they are.
        with_mask: Whether to give an attention mask; one that `rows` has is padded in any case.
    """
    left = tokenizer.padding_side == "left"
    # What is missing is counted in token ids, whatever the length of the rows beside them (mBART's masks).
    missing = [0 if width is None else max(width - len(row), 0) for row in rows.input_ids]
    data: dict[str, Any] = {
        name: _padded_rows(value, missing, pad, left)
        for name, pad in padding_values(tokenizer, width).items()
        if (value := getattr(rows, name)) is not None
    }
    masks = rows.attention_mask
    if masks is None and with_mask:
        masks = [[1] * len(row) for row in rows.input_ids]
    if masks is not None:
        data["attention_mask"] = _padded_rows(masks, missing, 0, left)
    return data


def padded_tensors(
    tokenizer: PreparingMixin, rows: Rows, width: int | None, with_mask: bool, kind: TensorType
) -> dict[str, Any]:
    """As `padded`, straight into tensors `[batch, width]`.

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
    if tokenizer.padding_side == "left":
        filled = filled[:, ::-1]
    arrays: dict[str, np.ndarray] = {}
    for name, pad in padding_values(tokenizer, width if longest < width or len(set(lengths)) > 1 else None).items():
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
