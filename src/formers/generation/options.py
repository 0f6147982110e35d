"""The arguments of `generate()`, with the configuration's values for those that are not given."""
from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from .errors import GenerationError

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """How to generate; see `generate()` for what each means."""

    max_length: int = 20
    min_length: int = 0
    do_sample: bool = False
    early_stopping: bool = False
    num_beams: int = 1
    temperature: float = 1.0
    top_k: int = 50
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    bad_words_ids: Sequence[Sequence[int]] | None = None
    bos_token_id: int | None = None
    pad_token_id: int | None = None
    eos_token_id: int | None = None
    length_penalty: float = 1.0
    no_repeat_ngram_size: int = 0
    num_return_sequences: int = 1
    decoder_start_token_id: int | None = None
    use_cache: bool = True

    @property
    def copies(self) -> int:
        """Rows for each prompt that are sampled separately."""
        return self.num_return_sequences if self.do_sample else 1

    @property
    def returned(self) -> int:
        """Sequences that come out of each row of beams."""
        return 1 if self.do_sample else self.num_return_sequences

    @property
    def filler(self) -> int:
        """What stands behind the end of a sequence."""
        return 0 if self.pad_token_id is None else self.pad_token_id

    def check_start(self, length: int) -> None:
        """Raise if there is no room behind what generation starts from.

        Raises:
            GenerationError: naming both lengths.
        """
        if length >= self.max_length:
            raise GenerationError(
                f"generation starts from {length} tokens and max_length is {self.max_length}, which counts them: "
                "raise max_length, pass max_new_tokens, or shorten the prompt"
            )


def resolve_options(config: Any, given: Mapping[str, Any], start: int, max_new_tokens: int | None) -> Options:
    """Return the options of a call.

    Args:
        config: a configuration; it has a value for every option.
        given: values by name; None for that of the configuration.
        start: number of tokens that generation starts from.
        max_new_tokens: bounds the tokens after those, in place of `max_length`.

    Raises:
        GenerationError: a value cannot be.
    """
    values: dict[str, Any] = {}
    for field in fields(Options):
        value = given.get(field.name)
        values[field.name] = getattr(config, field.name, field.default) if value is None else value
    if max_new_tokens is not None:
        if given.get("max_length") is not None:
            raise GenerationError("both max_length and max_new_tokens are given: give one of them")
        _check(max_new_tokens, "max_new_tokens", int, lambda count: count >= 1, "a number from 1 on")
        values["max_length"] = start + max_new_tokens
    eos = values["eos_token_id"]
    if isinstance(eos, list | tuple) and len(eos) == 1:
        values["eos_token_id"] = eos = eos[0]
    _check_id(eos, "eos_token_id")
    if values["pad_token_id"] is None and eos is not None:
        logger.warning("pad_token_id is not set: eos_token_id (%s) stands behind the end of sequences", eos)
        values["pad_token_id"] = eos
    options = Options(**values)
    _check_values(options)
    return options


def _check_values(options: Options) -> None:
    counts = ("max_length", "num_beams", "num_return_sequences")
    for name in counts:
        value = getattr(options, name)
        _check(value, name, int, lambda count: count is not True and count >= 1, "a number from 1 on")
    for name in ("min_length", "no_repeat_ngram_size", "top_k"):
        _check(getattr(options, name), name, int, lambda count: count >= 0, "a number from 0 on")
    for name in ("do_sample", "early_stopping", "use_cache"):
        _check(getattr(options, name), name, bool, lambda _: True, "True or False")
    for name in ("temperature", "length_penalty"):
        _check(getattr(options, name), name, (int, float), lambda number: number > 0, "a number above 0")
    _check(options.top_p, "top_p", (int, float), lambda number: 0 <= number <= 1, "a number from 0 to 1")
    penalty = options.repetition_penalty
    _check(penalty, "repetition_penalty", (int, float), lambda number: number >= 1.0, "a number from 1 on")
    for name in ("bos_token_id", "pad_token_id", "decoder_start_token_id"):
        _check_id(getattr(options, name), name)
    if not options.do_sample and options.num_return_sequences > options.num_beams:
        way = "greedy decoding gives one sequence" if options.num_beams == 1 else "beam search gives at most num_beams"
        raise GenerationError(
            f"num_return_sequences is {options.num_return_sequences} and num_beams {options.num_beams}: {way}; "
            "raise num_beams or pass do_sample=True"
        )
    words = options.bad_words_ids
    if words is not None and (
        not isinstance(words, Sequence) or not all(isinstance(word, Sequence) and len(word) for word in words)
    ):
        raise GenerationError(f"bad_words_ids is {words!r}; expected a list of lists of token ids, none empty")


def _check_id(value: Any, name: str) -> None:
    _check(value, name, (int, type(None)), lambda id: id is None or id >= 0, "a token's number, or None")


def _check(value: Any, name: str, kinds: Any, holds: Callable[[Any], bool], expected: str) -> None:
    if not isinstance(value, kinds) or not holds(value):
        raise GenerationError(f"{name} is {value!r}; expected {expected}")
