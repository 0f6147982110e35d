"""Token ids of texts to model inputs: truncation, special tokens, padding, masks. One code for every tokenizer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from formers.tokenization.inputs.format import InputFormat
from formers.tokenization.inputs.options import NO_TRUNCATION, Options
from formers.tokenization.inputs.padding import Rows, padded, padded_length, padded_tensors
from formers.tokenization.types import Ids

logger = logging.getLogger(__name__)

Firsts = Sequence[Ids]
Seconds = Sequence[Ids | None] | None


def are_pairs(seconds: Sequence[Any] | None) -> set[bool]:
    """Find out whether inputs have second sequences: some may, others not."""
    return {False} if seconds is None else {second is not None for second in seconds}


def assemble(form: InputFormat, firsts: Firsts, seconds: Seconds, options: Options) -> dict[str, Any]:
    """Make model inputs from token ids.

    Args:
        form: Special tokens, padding and the way to truncate.
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
        firsts, seconds = _truncated(form, firsts, seconds, options, extra)
    elif options.return_overflowing_tokens:
        extra = {"overflowing_tokens": [[] for _ in firsts], "num_truncated_tokens": [0] * len(firsts)}
    rows = _with_special_tokens(form, firsts, seconds, options)
    _warn_if_too_long(form, rows.input_ids, options)
    if options.return_length:
        extra["length"] = [len(row) for row in rows.input_ids]
    longest = max(map(len, rows.input_ids), default=0)
    width = padded_length(longest, options.padding, options.max_length, options.pad_to_multiple_of)
    with_mask, kind = options.return_attention_mask, options.return_tensors
    if kind is not None:
        return {**extra, **padded_tensors(form.padding, rows, width, with_mask, kind)}
    return {**extra, **padded(form.padding, rows, width, with_mask)}


def _truncated(
    form: InputFormat, firsts: Firsts, seconds: Seconds, options: Options, extra: dict[str, list[Any]]
) -> tuple[Firsts, Seconds]:
    added = {pair: layout.added for pair, layout in form.layouts.items()}
    longest = max(map(len, firsts), default=0) + max((len(second or ()) for second in seconds or ()), default=0)
    assert options.max_length is not None
    if longest + max(added.values(), default=0) <= options.max_length and not options.return_overflowing_tokens:
        return firsts, seconds
    out_firsts: list[Ids] = list(firsts)
    out_seconds: list[Ids | None] | None = None if seconds is None else list(seconds)
    overflow: list[Ids] = [[] for _ in out_firsts]
    excess = [0] * len(out_firsts)
    for i, first in enumerate(out_firsts):
        second = None if out_seconds is None else out_seconds[i]
        excess[i] = len(first) + len(second or ()) + added[second is not None] - options.max_length
        if excess[i] > 0:
            out_firsts[i], second, overflow[i] = form.truncate(
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


def _with_special_tokens(form: InputFormat, firsts: Firsts, seconds: Seconds, options: Options) -> Rows:
    pairs = zip(firsts, seconds or [None] * len(firsts), strict=True)
    chosen = [(form.layouts[second is not None], first, second) for first, second in pairs]
    rows = Rows([layout.ids(first, second) for layout, first, second in chosen])
    if options.return_token_type_ids:
        rows.token_type_ids = [layout.types(first, second) for layout, first, second in chosen]
    if options.return_special_tokens_mask:
        rows.special_tokens_mask = [layout.special(first, second) for layout, first, second in chosen]
    return rows


def _warn_if_too_long(form: InputFormat, rows: list[Ids], options: Options) -> None:
    if options.max_length is None and options.verbose and rows:
        longest = max(map(len, rows))
        if longest > form.model_max_length:
            logger.warning(
                "Token indices sequence length is longer than the specified maximum sequence length for this model "
                "(%d > %d). Running this sequence through the model will result in indexing errors",
                longest,
                form.model_max_length,
            )
