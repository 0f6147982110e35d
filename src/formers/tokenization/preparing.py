"""From token ids to model inputs: special tokens, truncation and padding as methods of every tokenizer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from formers.tokenization.assembly import (
    Layout,
    Rows,
    assemble,
    cannot_truncate,
    kept_lengths,
    layout_from,
    padded,
    padded_length,
    removed_tokens,
)
from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.options import Padding, Tensors, Truncation, call_options, strategies
from formers.tokenization.special_tokens import SpecialTokensMixin
from formers.tokenization.tensors import as_list
from formers.tokenization.types import TruncationStrategy

logger = logging.getLogger(__name__)


class PreparingMixin(SpecialTokensMixin):
    """Model inputs from token ids."""

    model_input_names: list[str]
    padding_side: str
    model_max_length: int

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens an input gets: one of one sequence, or one of two (`pair`)."""
        return len(self.build_inputs_with_special_tokens([], [] if pair else None))

    def prepare_for_model(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        add_special_tokens: bool = True,
        padding: Padding = False,
        truncation: Truncation = False,
        max_length: int | None = None,
        stride: int = 0,
        pad_to_multiple_of: int | None = None,
        return_tensors: Tensors = None,
        return_token_type_ids: bool | None = None,
        return_attention_mask: bool | None = None,
        return_overflowing_tokens: bool = False,
        return_special_tokens_mask: bool = False,
        return_offsets_mapping: bool = False,
        return_length: bool = False,
        verbose: bool = True,
        prepend_batch_axis: bool = False,
        **kwargs: Any,
    ) -> BatchEncoding:
        """Make a model input from token ids; other arguments and result as in `__call__`.

        Args:
            ids: Token ids of the sequence, without special tokens.
            pair_ids: Token ids of the second sequence.
            prepend_batch_axis: Whether tensors get a first axis of one.
        """
        options = call_options(self, locals())
        data = assemble(self, [ids], None if pair_ids is None else [pair_ids], options)
        if not prepend_batch_axis or options.return_tensors is None:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, tensor_type=options.return_tensors)

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Token ids of one sequence or two with the special tokens of the model around them (here: none)."""
        return token_ids_0 if token_ids_1 is None else token_ids_0 + token_ids_1

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Token types that go with `build_inputs_with_special_tokens`: 0, and 1 for what a second sequence adds."""
        first = len(self.build_inputs_with_special_tokens(token_ids_0))
        if token_ids_1 is None:
            return [0] * first
        return [0] * first + [1] * (len(self.build_inputs_with_special_tokens(token_ids_0, token_ids_1)) - first)

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """1 for special tokens and 0 for the others, as they stand in the model input.

        Args:
            token_ids_0: Token ids of a sequence.
            token_ids_1: Of a second one.
            already_has_special_tokens: Whether `token_ids_0` is the whole model input.

        Raises:
            ValueError: If there is a second sequence and `already_has_special_tokens`.
        """
        if already_has_special_tokens:
            if token_ids_1 is not None:
                raise ValueError(
                    "You should not supply a second sequence if the provided sequence of ids is already formatted "
                    "with special tokens for the model."
                )
            special = set(self.all_special_ids)
            return [int(token in special) for token in token_ids_0]
        layout = layout_from(
            self.build_inputs_with_special_tokens,
            self.create_token_type_ids_from_sequences,
            token_ids_1 is not None,
        )
        return layout.special(len(token_ids_0), len(token_ids_1 or ()))

    def _layout(self, pair: bool) -> Layout | None:
        """Where special tokens stand; None if a subclass outside this package decides that for each input."""
        names = (
            "build_inputs_with_special_tokens",
            "create_token_type_ids_from_sequences",
            "get_special_tokens_mask",
        )
        if not defined_here(self, *names):
            return None
        return layout_from(self.build_inputs_with_special_tokens, self.create_token_type_ids_from_sequences, pair)

    def truncate_sequences(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        num_tokens_to_remove: int = 0,
        truncation_strategy: str | TruncationStrategy = "longest_first",
        stride: int = 0,
    ) -> tuple[list[int], list[int] | None, list[int]]:
        """Take tokens from the end of one or two sequences.

        Args:
            ids: Token ids of the first sequence.
            pair_ids: Of the second.
            num_tokens_to_remove: How many to take away in all.
            truncation_strategy: From where: see `__call__`.
            stride: How many tokens before the removed ones to return with them.

        Returns:
            The sequences that are left and the removed tokens. A strategy that cannot remove that many logs an error
            and removes none.
        """
        strategy = TruncationStrategy(truncation_strategy)
        if num_tokens_to_remove <= 0 or strategy is TruncationStrategy.DO_NOT_TRUNCATE:
            return ids, pair_ids, []
        rest = None if pair_ids is None else len(pair_ids)
        kept = kept_lengths(len(ids), rest, num_tokens_to_remove, strategy)
        if kept is None:
            self._cannot_truncate(cannot_truncate(len(ids), rest, num_tokens_to_remove, strategy))
            return ids, pair_ids, []
        removed = removed_tokens(ids, pair_ids, kept, strategy, stride)
        return ids[: kept[0]], None if pair_ids is None else pair_ids[: kept[1]], removed

    def _cannot_truncate(self, message: str) -> None:
        logger.error(message)

    def pad(
        self,
        encoded_inputs: Any,
        padding: Padding = True,
        max_length: int | None = None,
        pad_to_multiple_of: int | None = None,
        return_attention_mask: bool | None = None,
        return_tensors: Tensors = None,
        verbose: bool = True,
    ) -> BatchEncoding:
        """Pad one encoded input or a batch to one length.

        Args:
            encoded_inputs: What the tokenizer gave: an encoding `[seq]`, a batch `[batch, seq]`, or a list of
                encodings (so that it can serve as `collate_fn`). Tensors are welcome.
            padding: As in `__call__`.
            max_length: As in `__call__`.
            pad_to_multiple_of: As in `__call__`.
            return_attention_mask: As in `__call__`.
            return_tensors: As in `__call__`.
            verbose: As in `__call__`.

        Raises:
            AssertionError: If there are no `input_ids`.
            ValueError: As in `__call__`.
        """
        if isinstance(encoded_inputs, (list, tuple)) and encoded_inputs and isinstance(encoded_inputs[0], Mapping):
            names = encoded_inputs[0].keys()
            data = {name: [as_list(one[name]) for one in encoded_inputs] for name in names}
        elif isinstance(encoded_inputs, (Mapping, BatchEncoding)):
            data = {name: as_list(value) for name, value in encoded_inputs.items()}
        else:
            data = {}
        if "input_ids" not in data:
            raise AssertionError(
                "You should supply an encoding or a list of encodings to this method, with 'input_ids' in it; found "
                f"{sorted(data) if data else type(encoded_inputs).__name__}"
            )
        how, _, length = strategies(self, {}, padding, None, max_length, pad_to_multiple_of, verbose)
        if return_attention_mask is None:
            return_attention_mask = "attention_mask" in self.model_input_names
        single = not data["input_ids"] or not isinstance(data["input_ids"][0], (list, tuple))
        if single:
            data = {name: [value] for name, value in data.items()}
        rows = Rows(**{name: data.get(name) for name in Rows.__dataclass_fields__})  # type: ignore[arg-type]
        width = padded_length(max(map(len, rows.input_ids), default=0), how, length, pad_to_multiple_of)
        data.update(padded(self, rows, width, return_attention_mask))
        if single:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, tensor_type=return_tensors)


def defined_here(tokenizer: object, *names: str) -> bool:
    """Whether methods of a tokenizer are this package's, so that what is known of them holds."""
    return all(getattr(type(tokenizer), name).__module__.startswith("formers.") for name in names)
