"""How one call of a tokenizer pads, truncates and answers, worked out from its arguments."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from formers.tokenization.inputs.arguments import DEFAULTS
from formers.tokenization.types import (
    LARGE_INTEGER,
    Padding,
    PaddingStrategy,
    TensorType,
    Truncation,
    TruncationStrategy,
)

logger = logging.getLogger(__name__)

NO_PADDING = PaddingStrategy.DO_NOT_PAD
NO_TRUNCATION = TruncationStrategy.DO_NOT_TRUNCATE

# Deprecated arguments that a notice was logged for. One a process is enough.
_noticed: set[str] = set()


@dataclass(frozen=True)
class Options:
    """The arguments of a tokenizer call, checked, with defaults filled in."""

    add_special_tokens: bool
    padding: PaddingStrategy
    truncation: TruncationStrategy
    max_length: int | None
    stride: int
    is_pretokenized: bool
    pad_to_multiple_of: int | None
    return_tensors: TensorType | None
    return_token_type_ids: bool
    return_attention_mask: bool
    return_overflowing_tokens: bool
    return_special_tokens_mask: bool
    return_offsets_mapping: bool
    return_length: bool
    verbose: bool


def call_options(
    given: Mapping[str, Any], model_max_length: int, model_input_names: Sequence[str]
) -> tuple[Options, dict[str, Any]]:
    """Check the arguments of a tokenizer call.

    Args:
        given: The keywords of the call: `CallArguments`, older and later spellings, and others.
        model_max_length: Longest input of the model, in tokens.
        model_input_names: What the model takes besides `input_ids`.

    Returns:
        The options, and the keywords that are not among them.

    Raises:
        ValueError: If a choice is unknown, or two choices exclude each other.
    """
    chosen = {**DEFAULTS, **given}
    rest = {name: chosen.pop(name) for name in given if name not in DEFAULTS}
    if rest:
        chosen["is_pretokenized"] |= rest.pop("is_split_into_words", False)
    chosen["padding"], chosen["truncation"], chosen["max_length"] = strategies(
        model_max_length,
        chosen["padding"],
        chosen["truncation"],
        chosen["max_length"],
        chosen["pad_to_multiple_of"],
        chosen["verbose"],
        older_padding=rest.pop("pad_to_max_length", False),
        older_truncation=rest.pop("truncation_strategy", NO_TRUNCATION.value),
    )
    for name in ("token_type_ids", "attention_mask"):
        if chosen[f"return_{name}"] is None:
            chosen[f"return_{name}"] = name in model_input_names
    if chosen["return_tensors"] is not None:
        chosen["return_tensors"] = TensorType(chosen["return_tensors"])
    return Options(**chosen), rest


def notice_deprecated(argument: str, advice: str) -> None:
    """Log that an argument is deprecated, once a process.

    Args:
        argument: Its name.
        advice: What to use instead.
    """
    if argument not in _noticed:
        _noticed.add(argument)
        logger.warning("The `%s` argument is deprecated: %s", argument, advice)


def strategies(
    model_max_length: int,
    padding: Padding | None = False,
    truncation: Truncation | None = False,
    max_length: int | None = None,
    pad_to_multiple_of: int | None = None,
    verbose: bool = True,
    *,
    older_padding: bool = False,
    older_truncation: str = NO_TRUNCATION.value,
) -> tuple[PaddingStrategy, TruncationStrategy, int | None]:
    """Work out how to pad and truncate.

    Args:
        model_max_length: Longest input of the model, in tokens.
        padding: As in `__call__`.
        truncation: As in `__call__`.
        max_length: As in `__call__`.
        pad_to_multiple_of: As in `__call__`.
        verbose: Whether to log warnings.
        older_padding: The argument `pad_to_max_length`.
        older_truncation: The argument `truncation_strategy`.

    Returns:
        Strategy of padding, strategy of truncation, and the length both refer to.

    Raises:
        ValueError: As in `call_options`.
    """
    warn = logger.warning if verbose else logger.debug
    if max_length is not None and max_length < 0:
        raise ValueError(f"max_length must be a count of tokens, 0 or more, but it is {max_length}")
    if max_length is not None and padding is False and truncation is False:
        # As v3.0.2 did, whatever `truncation_strategy` says.
        warn(
            "Truncation was not explicitely activated but `max_length` is provided a specific value, please use "
            "`truncation=True` to explicitely truncate examples to max length. Defaulting to 'longest_first' "
            "truncation strategy."
        )
        truncation = TruncationStrategy.LONGEST_FIRST

    if padding is False and older_padding:
        if verbose:
            notice_deprecated(
                "pad_to_max_length",
                "use `padding=True` or `padding='longest'` to pad to the longest sequence in the batch, or "
                "`padding='max_length'` to pad to a max length.",
            )
        how_to_pad = PaddingStrategy.LONGEST if max_length is None else PaddingStrategy.MAX_LENGTH
    else:
        how_to_pad = _padding(padding)

    if not truncation and older_truncation != NO_TRUNCATION.value:
        if verbose:
            notice_deprecated("truncation_strategy", "use `truncation` instead, with the same values.")
        how_to_truncate = TruncationStrategy(older_truncation)
    else:
        how_to_truncate = _truncation(truncation)

    if max_length is None:
        limited = model_max_length <= LARGE_INTEGER
        if how_to_pad is PaddingStrategy.MAX_LENGTH and not limited:
            warn("Asking to pad to max_length but no maximum length is provided and the model has none: not padding.")
            how_to_pad = NO_PADDING
        if how_to_truncate is not NO_TRUNCATION and not limited:
            warn("Asking to truncate but no maximum length is provided and the model has none: not truncating.")
            how_to_truncate = NO_TRUNCATION
        if how_to_pad is PaddingStrategy.MAX_LENGTH or how_to_truncate is not NO_TRUNCATION:
            max_length = model_max_length

    if (
        how_to_pad is not NO_PADDING
        and how_to_truncate is not NO_TRUNCATION
        and pad_to_multiple_of
        and max_length is not None
        and max_length % pad_to_multiple_of
    ):
        raise ValueError(
            f"Truncation and padding are both activated but the truncation length ({max_length}) is not a "
            f"multiple of pad_to_multiple_of ({pad_to_multiple_of})."
        )
    return how_to_pad, how_to_truncate, max_length


def _padding(padding: Padding | None) -> PaddingStrategy:
    if padding is True:
        return PaddingStrategy.LONGEST
    return PaddingStrategy(padding) if padding else NO_PADDING


def _truncation(truncation: Truncation | None) -> TruncationStrategy:
    if truncation is True:
        return TruncationStrategy.LONGEST_FIRST
    return TruncationStrategy(truncation) if truncation else NO_TRUNCATION
