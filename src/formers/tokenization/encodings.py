"""The engine's encodings of inputs, with offsets, words and overflowing parts: what fast tokenizers add."""

from __future__ import annotations

from typing import Any

from tokenizers import Encoding

from formers.tokenization.engines.running import encodable
from formers.tokenization.fast_vocabulary import FastVocabulary
from formers.tokenization.inputs.options import NO_TRUNCATION, Options
from formers.tokenization.inputs.padding import padded_length
from formers.tokenization.inputs.truncation import cannot_truncate, kept_lengths


class FastEncodings(FastVocabulary):
    """A tokenizer that encodes with its engine."""

    def _encodings(self, firsts: list[Any], seconds: list[Any] | None, options: Options) -> list[Encoding]:
        """Encode each input with the engine: truncated, with special tokens, and padded."""
        padding = self._padding_format(options.padding)
        first = self._bare_encodings(firsts, options)
        given = [second for second in seconds or () if second is not None]
        # As the second of a pair, with nothing before it, so that its tokens get the type of second sequences.
        answers = iter(self._bare_encodings(given, options, second=True))
        second = [None if item is None else next(answers) for item in seconds or [None] * len(firsts)]
        encodings = [self._finished(a, b, options) for a, b in zip(first, second, strict=True)]
        lengths = [len(part.ids) for whole in encodings for part in (whole, *whole.overflowing)]
        longest = max(lengths, default=0)
        width = padded_length(longest, options.padding, options.max_length, options.pad_to_multiple_of)
        if width is not None:
            for encoding in encodings:
                encoding.pad(
                    width,
                    direction=padding.side,
                    pad_id=padding.token_id,
                    pad_type_id=padding.type_id,
                    pad_token=self.pad_token,
                )
        return encodings

    def _bare_encodings(self, inputs: list[Any], options: Options, second: bool = False) -> list[Encoding]:
        if options.is_pretokenized:
            clean: list[Any] = [[encodable(word) for word in item] for item in inputs]
        else:
            clean = [encodable(text) for text in inputs]
        if second:
            clean = [([] if options.is_pretokenized else "", item) for item in clean]
        return self._bare_engine().encode_batch(
            clean, is_pretokenized=options.is_pretokenized, add_special_tokens=False
        )

    def _finished(self, first: Encoding, second: Encoding | None, options: Options) -> Encoding:
        if options.truncation is not NO_TRUNCATION and options.max_length is not None:
            added = self.num_special_tokens_to_add(second is not None) if options.add_special_tokens else 0
            a, b = len(first.ids), None if second is None else len(second.ids)
            remove = a + (b or 0) + added - options.max_length
            if remove > 0:
                kept = kept_lengths(a, b, remove, options.truncation)
                if kept is None:
                    raise ValueError(cannot_truncate(a, b, remove, options.truncation))
                stride = options.stride if options.return_overflowing_tokens else 0
                for encoding, length in ((first, kept[0]), (second, kept[1])):
                    if encoding is not None and length < len(encoding.ids):
                        _check_stride(stride, length, options.max_length)
                        encoding.truncate(length, stride=stride)
        return self._tokenizer.post_process(first, second, options.add_special_tokens)

    def _read_out(self, encodings: list[Encoding], options: Options) -> dict[str, Any]:
        """Read lists by name off encodings."""
        parts = [
            (sample, part)
            for sample, whole in enumerate(encodings)
            for part in (whole, *(whole.overflowing if options.return_overflowing_tokens else ()))
        ]
        data: dict[str, Any] = {"input_ids": [part.ids for _, part in parts]}
        if options.return_token_type_ids:
            # Without special tokens the type is the index of the sequence, for models that use no types, too.
            data["token_type_ids"] = [
                part.type_ids if options.add_special_tokens else [int(sequence == 1) for sequence in part.sequence_ids]
                for _, part in parts
            ]
        if options.return_attention_mask:
            data["attention_mask"] = [part.attention_mask for _, part in parts]
        if options.return_special_tokens_mask:
            data["special_tokens_mask"] = [part.special_tokens_mask for _, part in parts]
        if options.return_offsets_mapping:
            data["offset_mapping"] = [part.offsets for _, part in parts]
        if options.return_length:
            data["length"] = [sum(part.attention_mask) for _, part in parts]
        if options.return_overflowing_tokens:
            data["overflow_to_sample_mapping"] = [sample for sample, _ in parts]
        return data


def flat(encodings: Any, with_overflow: bool) -> list[Encoding]:
    """List encodings and their overflowing parts.

    Args:
        encodings: Returns the encodings.
        with_overflow: Whether to list the overflowing parts.
    """
    return [part for whole in encodings() for part in (whole, *(whole.overflowing if with_overflow else ()))]


def _check_stride(stride: int, length: int, max_length: int) -> None:
    if length and stride >= length:
        raise ValueError(
            f"stride ({stride}) must be smaller than the {length} tokens of a sequence that max_length ({max_length}) "
            "leaves: choose a smaller stride or a larger max_length"
        )
