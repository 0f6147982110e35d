"""From token ids to model inputs: special tokens, truncation and padding as methods of every tokenizer."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from typing import Any, Unpack

from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.inputs.arguments import PREPARE, CallKeywords, takes_call_arguments
from formers.tokenization.inputs.assembly import are_pairs, assemble
from formers.tokenization.inputs.format import InputFormat
from formers.tokenization.inputs.layout import BARE, BuiltLayout, Layout, template_from
from formers.tokenization.inputs.options import NO_PADDING, Options, call_options, strategies
from formers.tokenization.inputs.padding import PaddingFormat, Rows, padded, padded_length
from formers.tokenization.inputs.tensors import as_list
from formers.tokenization.inputs.truncation import cannot_truncate, kept_lengths, removed_tokens
from formers.tokenization.special_tokens import SpecialTokensMixin
from formers.tokenization.types import Padding, PaddingStrategy, Tensors, TruncationStrategy

logger = logging.getLogger(__name__)


class PreparingMixin(SpecialTokensMixin):
    """Model inputs from token ids."""

    model_input_names: list[str]
    padding_side: str
    model_max_length: int

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """Count the special tokens that an input gets: one of one sequence, or one of two (`pair`)."""
        return len(self.build_inputs_with_special_tokens([], [] if pair else None))

    @takes_call_arguments(PREPARE)
    def prepare_for_model(
        self, ids: list[int], pair_ids: list[int] | None = None, **kwargs: Unpack[CallKeywords]
    ) -> BatchEncoding:
        """Make a model input from token ids; other arguments and result as in `__call__`.

        Args:
            ids: Token ids of the sequence, without special tokens.
            pair_ids: Token ids of the second sequence.
            **kwargs: As in `__call__`; also `prepend_batch_axis`: whether every tensor gets a first axis of one.
        """
        options, _ = self._call_options(kwargs)
        pairs = None if pair_ids is None else [pair_ids]
        data = assemble(self._input_format(options, are_pairs(pairs)), [ids], pairs, options)
        if not kwargs.get("prepend_batch_axis", False) or options.return_tensors is None:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, tensor_type=options.return_tensors)

    def build_inputs_with_special_tokens(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Put the special tokens of the model around one sequence or two (here: none).

        Args:
            token_ids_0: Token ids of a sequence.
            token_ids_1: Of a second one.

        Returns:
            Token ids of the model input.
        """
        return token_ids_0 if token_ids_1 is None else token_ids_0 + token_ids_1

    def create_token_type_ids_from_sequences(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None
    ) -> list[int]:
        """Make the token types of a model input: 0, and 1 for what a second sequence adds.

        Args:
            token_ids_0: Token ids of a sequence.
            token_ids_1: Of a second one.
        """
        first = len(self.build_inputs_with_special_tokens(token_ids_0))
        if token_ids_1 is None:
            return [0] * first
        return [0] * first + [1] * (len(self.build_inputs_with_special_tokens(token_ids_0, token_ids_1)) - first)

    def get_special_tokens_mask(
        self, token_ids_0: list[int], token_ids_1: list[int] | None = None, already_has_special_tokens: bool = False
    ) -> list[int]:
        """Mark the tokens of a model input: 1 for special tokens and 0 for the others.

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
        layout = template_from(
            self.build_inputs_with_special_tokens,
            self.create_token_type_ids_from_sequences,
            token_ids_1 is not None,
        )
        return layout.special(token_ids_0, token_ids_1)

    def _layout(self, pair: bool) -> Layout:
        """Find out where special tokens go in inputs of one sequence, or of two."""
        if not defined_here(
            self,
            "build_inputs_with_special_tokens",
            "create_token_type_ids_from_sequences",
            "get_special_tokens_mask",
            "num_special_tokens_to_add",
        ):
            return self._built_layout(pair)  # a subclass outside this package may decide for each input
        return template_from(self.build_inputs_with_special_tokens, self.create_token_type_ids_from_sequences, pair)

    def _built_layout(self, pair: bool) -> Layout:
        return BuiltLayout(
            self.build_inputs_with_special_tokens,
            self.create_token_type_ids_from_sequences,
            self.get_special_tokens_mask,
            self.num_special_tokens_to_add(pair=pair),
        )

    def _input_format(self, options: Options, pairs: Collection[bool]) -> InputFormat:
        """Describe the model inputs of a call.

        Args:
            options: The call's options.
            pairs: Whether there are inputs of one sequence (False), and of two (True).

        Raises:
            ValueError: If padding is asked for and there is no padding token.
        """
        return InputFormat(
            layouts={pair: self._layout(pair) if options.add_special_tokens else BARE for pair in pairs},
            truncate=self.truncate_sequences,
            padding=self._padding_format(options.padding),
            model_max_length=self.model_max_length,
        )

    def _padding_format(self, how: PaddingStrategy) -> PaddingFormat:
        """Describe what to pad with.

        Raises:
            ValueError: If padding is asked for and there is no padding token.
        """
        if how is NO_PADDING:
            return PaddingFormat(self.padding_side, 0, self.pad_token_type_id)
        token_id = self.pad_token_id if self._pad_token else None
        if token_id is None or token_id < 0:
            raise ValueError(
                "Asking to pad but the tokenizer does not have a padding token. Please select a token to use as "
                "`pad_token` (`tokenizer.pad_token = tokenizer.eos_token`, for example) or add a new pad token via "
                "`tokenizer.add_special_tokens({'pad_token': '[PAD]'})`."
            )
        return PaddingFormat(self.padding_side, token_id, self.pad_token_type_id)

    def _call_options(self, given: Mapping[str, Any]) -> tuple[Options, dict[str, Any]]:
        """Check the arguments of a call; see `call_options`."""
        return call_options(given, self.model_max_length, self.model_input_names)

    def truncate_sequences(
        self,
        ids: list[int],
        pair_ids: list[int] | None = None,
        num_tokens_to_remove: int = 0,
        truncation_strategy: str | TruncationStrategy = "longest_first",
        stride: int = 0,
    ) -> tuple[list[int], list[int] | None, list[int]]:
        """Remove tokens from the end of one or two sequences.

        Args:
            ids: Token ids of the first sequence.
            pair_ids: Of the second.
            num_tokens_to_remove: How many to remove in all.
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
                encodings (so that it can serve as `collate_fn`). Tensors are taken, too.
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
        how, _, length = strategies(self.model_max_length, padding, None, max_length, pad_to_multiple_of, verbose)
        padding_format = self._padding_format(how)
        if return_attention_mask is None:
            return_attention_mask = "attention_mask" in self.model_input_names
        single = not data["input_ids"] or not isinstance(data["input_ids"][0], (list, tuple))
        if single:
            data = {name: [value] for name, value in data.items()}
        rows = Rows(**{name: data.get(name) for name in Rows.__dataclass_fields__})  # type: ignore[arg-type]
        width = padded_length(max(map(len, rows.input_ids), default=0), how, length, pad_to_multiple_of)
        data.update(padded(padding_format, rows, width, return_attention_mask))
        if single:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, tensor_type=return_tensors)


def defined_here(tokenizer: object, *names: str) -> bool:
    """Find out whether methods of a tokenizer are this package's, so that what is known of them holds."""
    return all(getattr(type(tokenizer), name).__module__.startswith("formers.") for name in names)
