"""How one call of a tokenizer shall pad, truncate and answer, worked out from its arguments."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from formers.tokenization.types import LARGE_INTEGER, PaddingStrategy, TensorType, TruncationStrategy

if TYPE_CHECKING:
    from formers.tokenization.preparing import PreparingMixin

logger = logging.getLogger(__name__)

# Deprecated arguments that a notice was logged for. One a process is enough.
_noticed: set[str] = set()

Padding = bool | str | PaddingStrategy
Truncation = bool | str | TruncationStrategy
Tensors = str | TensorType | None


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


def make_options(
    tokenizer: PreparingMixin,
    kwargs: dict[str, Any],
    *,
    padding: Padding,
    truncation: Truncation,
    max_length: int | None,
    pad_to_multiple_of: int | None,
    return_tensors: Tensors,
    return_token_type_ids: bool | None,
    return_attention_mask: bool | None,
    is_pretokenized: bool = False,
    verbose: bool = True,
    **rest: Any,
) -> Options:
    """Check the arguments of a tokenizer call.

    Args:
        tokenizer: Whose call it is.
        kwargs: Keywords that the call does not name; those understood here (older and later spellings) are taken out.
        **rest: The remaining fields of `Options`; the named arguments are documented at the tokenizer's `__call__`.

    Raises:
        ValueError: If a choice is unknown, or padding is asked for and there is no padding token.
    """
    is_pretokenized = kwargs.pop("is_split_into_words", is_pretokenized) or is_pretokenized
    how_to_pad, how_to_truncate, max_length = strategies(
        tokenizer, kwargs, padding, truncation, max_length, pad_to_multiple_of, verbose
    )
    names = tokenizer.model_input_names
    return Options(
        padding=how_to_pad,
        truncation=how_to_truncate,
        max_length=max_length,
        pad_to_multiple_of=pad_to_multiple_of,
        return_tensors=None if return_tensors is None else TensorType(return_tensors),
        return_token_type_ids="token_type_ids" in names if return_token_type_ids is None else return_token_type_ids,
        return_attention_mask="attention_mask" in names if return_attention_mask is None else return_attention_mask,
        is_pretokenized=is_pretokenized,
        verbose=verbose,
        **rest,
    )


def call_options(tokenizer: PreparingMixin, arguments: dict[str, Any]) -> Options:
    """`make_options` from all the arguments (`locals()`) of a method.

    Args:
        tokenizer: Whose method it is.
        arguments: Arguments by name; further keywords are under `kwargs`, and those understood are taken out there.
    """
    taken = {name: arguments[name] for name in Options.__dataclass_fields__ if name in arguments}
    return make_options(tokenizer, arguments["kwargs"], **taken)


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
    tokenizer: PreparingMixin,
    kwargs: dict[str, Any],
    padding: Padding = False,
    truncation: Truncation | None = False,
    max_length: int | None = None,
    pad_to_multiple_of: int | None = None,
    verbose: bool = True,
) -> tuple[PaddingStrategy, TruncationStrategy, int | None]:
    """Work out how to pad and truncate, older spellings (`pad_to_max_length`, `truncation_strategy`) included.

    Returns:
        Strategy of padding, strategy of truncation, and the length both refer to.

    Raises:
        ValueError: As in `make_options`.
    """
    warn = logger.warning if verbose else logger.debug
    if max_length is not None and max_length < 0:
        raise ValueError(f"max_length must be a number of tokens, 0 or more, but it is {max_length}")
    older_truncation = kwargs.pop("truncation_strategy", "do_not_truncate")
    older_padding = kwargs.pop("pad_to_max_length", False)

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

    if not truncation and older_truncation != "do_not_truncate":
        if verbose:
            notice_deprecated("truncation_strategy", "use `truncation` instead, with the same values.")
        how_to_truncate = TruncationStrategy(older_truncation)
    else:
        how_to_truncate = _truncation(truncation)

    if max_length is None:
        limited = tokenizer.model_max_length <= LARGE_INTEGER
        if how_to_pad is PaddingStrategy.MAX_LENGTH and not limited:
            warn("Asking to pad to max_length but no maximum length is provided and the model has none: not padding.")
            how_to_pad = PaddingStrategy.DO_NOT_PAD
        if how_to_truncate is not TruncationStrategy.DO_NOT_TRUNCATE and not limited:
            warn("Asking to truncate but no maximum length is provided and the model has none: not truncating.")
            how_to_truncate = TruncationStrategy.DO_NOT_TRUNCATE
        if (
            how_to_pad is PaddingStrategy.MAX_LENGTH or how_to_truncate is not TruncationStrategy.DO_NOT_TRUNCATE
        ) and limited:
            max_length = tokenizer.model_max_length

    if how_to_pad is not PaddingStrategy.DO_NOT_PAD:
        check_pad_token(tokenizer)
        if (
            how_to_truncate is not TruncationStrategy.DO_NOT_TRUNCATE
            and pad_to_multiple_of
            and max_length is not None
            and max_length % pad_to_multiple_of
        ):
            raise ValueError(
                f"Truncation and padding are both activated but the truncation length ({max_length}) is not a "
                f"multiple of pad_to_multiple_of ({pad_to_multiple_of})."
            )
    return how_to_pad, how_to_truncate, max_length


def check_pad_token(tokenizer: PreparingMixin) -> None:
    """Raise `ValueError` if a tokenizer has no padding token."""
    if not tokenizer._pad_token or tokenizer.pad_token_id is None or tokenizer.pad_token_id < 0:
        raise ValueError(
            "Asking to pad but the tokenizer does not have a padding token. Please select a token to use as "
            "`pad_token` (`tokenizer.pad_token = tokenizer.eos_token`, for example) or add a new pad token via "
            "`tokenizer.add_special_tokens({'pad_token': '[PAD]'})`."
        )


def _padding(padding: Padding | None) -> PaddingStrategy:
    if padding is True:
        return PaddingStrategy.LONGEST
    return PaddingStrategy(padding) if padding else PaddingStrategy.DO_NOT_PAD


def _truncation(truncation: Truncation | None) -> TruncationStrategy:
    if truncation is True:
        return TruncationStrategy.LONGEST_FIRST
    return TruncationStrategy(truncation) if truncation else TruncationStrategy.DO_NOT_TRUNCATE
