"""Tokenizers on an engine, with all that it offers: offsets, words, overflowing parts (the "Fast" names)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from tokenizers import Tokenizer
from tokenizers.decoders import Decoder

from formers.files import replacing
from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.encodings import FastEncodings, flat
from formers.tokenization.engines.running import encodable, encode_bare
from formers.tokenization.engines.vocabularies import read_engine
from formers.tokenization.engines.words import WordIds, splitting_of
from formers.tokenization.inputs.assembly import are_pairs, assemble
from formers.tokenization.inputs.checking import described
from formers.tokenization.inputs.layout import BARE, Layout, Span, template_around
from formers.tokenization.inputs.options import NO_PADDING, NO_TRUNCATION, Options
from formers.tokenization.loading import FULL_TOKENIZER_FILE, vocabulary_folder
from formers.tokenization.types import Ids, PaddingStrategy, TruncationStrategy


class PreTrainedTokenizerFast(FastEncodings):
    """Base class of the fast tokenizers; also a tokenizer for any `tokenizer.json`.

    Args:
        tokenizer: A `tokenizers.Tokenizer`, or one of the ready-made classes of that library.
        tokenizer_object: The same, by its later name.
        tokenizer_file: Path of a `tokenizer.json` to make it from.
        **kwargs: As in `PreTrainedTokenizerBase`.

    Raises:
        ValueError: If there is none of the three.
    """

    def __init__(
        self,
        tokenizer: Any = None,
        *,
        tokenizer_object: Tokenizer | None = None,
        tokenizer_file: str | None = None,
        **kwargs: Any,
    ) -> None:
        engine = tokenizer if tokenizer is not None else tokenizer_object
        if engine is None and tokenizer_file is not None:
            engine = read_engine(tokenizer_file)
        if engine is None:
            raise ValueError(
                f"{type(self).__name__} needs a tokenizers.Tokenizer as `tokenizer`, or the path of a "
                f"{FULL_TOKENIZER_FILE} as `tokenizer_file`"
            )
        # The ready-made classes of `tokenizers` wrap the real one.
        engine = getattr(engine, "_tokenizer", engine)
        engine.no_truncation()
        engine.no_padding()
        super().__init__(engine, **kwargs)

    @property
    def is_fast(self) -> bool:
        """True: encodings can map tokens to characters."""
        return True

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """The engine. It may be changed; what was computed from it before is dropped."""
        self._forget()
        return self._tokenizer

    @property
    def decoder(self) -> Decoder:
        """The part of the engine that turns tokens into text."""
        return self._tokenizer.decoder

    # Text to tokens and back

    def tokenize(
        self, text: str, pair: str | None = None, add_special_tokens: bool = False, **kwargs: Any
    ) -> list[str]:
        """Split a text into tokens.

        Args:
            text: The text.
            pair: A second one.
            add_special_tokens: Whether to add the special tokens.
            **kwargs: Not used; for calls that fit the Python tokenizers too.

        Raises:
            ValueError: If it is not a text.
        """
        texts = self._prepared_inputs([_text(text)] if pair is None else [_text(text), _text(pair)])
        first, *rest = self._bare_engine().encode_batch(texts, add_special_tokens=False)
        return self._tokenizer.post_process(first, rest[0] if rest else None, add_special_tokens).tokens

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text."""
        decoder = self._tokenizer.decoder
        return decoder.decode(tokens) if decoder is not None else " ".join(tokens)

    def _decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        try:
            return self._tokenizer.decode(ids, skip_special_tokens=skip_special_tokens)
        except OverflowError as error:
            raise ValueError(
                f"token ids are integers from 0 on, and these go from {min(ids)} to {max(ids)} (in labels -100 "
                "marks positions without a label: take it out first)"
            ) from error

    # The calls

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """Count the special tokens that an input gets: one of one sequence, or one of two (`pair`)."""
        return self._tokenizer.num_special_tokens_to_add(pair)

    @contextmanager
    def set_truncation_and_padding(
        self,
        padding_strategy: PaddingStrategy,
        truncation_strategy: TruncationStrategy,
        max_length: int | None,
        stride: int,
        pad_to_multiple_of: int | None,
    ) -> Iterator[None]:
        """Let `backend_tokenizer` truncate and pad by itself, inside the `with` block.

        Args:
            padding_strategy: What to pad to.
            truncation_strategy: Which sequence to truncate.
            max_length: Length of both.
            stride: How many tokens consecutive parts of a long text share.
            pad_to_multiple_of: Round the padded length up to a multiple of this.
        """
        if truncation_strategy is not NO_TRUNCATION and max_length is not None:
            self._tokenizer.enable_truncation(max_length, stride=stride, strategy=truncation_strategy.value)
        if padding_strategy is not NO_PADDING:
            self._tokenizer.enable_padding(
                length=max_length if padding_strategy is PaddingStrategy.MAX_LENGTH else None,
                direction=self.padding_side,
                pad_id=self.pad_token_id,
                pad_type_id=self.pad_token_type_id,
                pad_token=self.pad_token,
                pad_to_multiple_of=pad_to_multiple_of,
            )
        try:
            yield
        finally:
            self._tokenizer.no_truncation()
            self._tokenizer.no_padding()

    def _layout(self, pair: bool) -> Layout:
        if pair not in self._layouts:
            self._layouts[pair] = self._found_layout(pair)
        return self._layouts[pair]

    def _found_layout(self, pair: bool) -> Layout:
        """Find out where the engine puts special tokens, by an encoding."""
        if self._tokenizer.post_processor is None:
            return BARE
        probe = self._bare_engine().encode("a", add_special_tokens=False)
        if not probe.ids:
            return super()._layout(pair)
        done = self._tokenizer.post_process(probe, probe if pair else None, True)
        sequences = done.sequence_ids
        spans = [_span_of(sequence, sequences) for sequence in range(1 + pair)]
        return template_around(done.ids, done.type_ids, spans[0], spans[1] if pair else None)

    def _word_ids(self) -> WordIds:
        if self._words is None:
            engine = self._bare_engine()
            self._words = WordIds(partial(encode_bare, engine), splitting_of(engine))
        return self._words

    def _encode_batch(
        self,
        firsts: list[Any],
        seconds: list[Any] | None,
        options: Options,
        batched: bool,
        kwargs: dict[str, Any],
    ) -> BatchEncoding:
        if kwargs:
            raise ValueError(f"Keyword arguments {sorted(kwargs)} not recognized by {type(self).__name__}.")
        self._check_inputs([*firsts, *(second for second in seconds or () if second is not None)], options)
        if not options.is_pretokenized:
            firsts = self._prepared_inputs(firsts)
            seconds = None if seconds is None else self._prepared_inputs(seconds)
        encodings = partial(self._encodings, firsts, seconds, options)
        if options.return_offsets_mapping or options.return_overflowing_tokens:
            data = self._read_out(encodings(), options)
        else:
            data = self._without_encodings(firsts, seconds, options)
        overflows = options.return_overflowing_tokens
        if not batched and options.return_tensors is None and not overflows:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, partial(flat, encodings, overflows), tensor_type=options.return_tensors)

    def _prepared_inputs(self, texts: list[Any]) -> list[Any]:
        """Change texts before they are split; for subclasses."""
        return texts

    def _check_inputs(self, inputs: Sequence[Any], options: Options) -> None:
        if not options.is_pretokenized and set(map(type, inputs)) <= {str}:
            return
        for item in inputs:
            if not options.is_pretokenized:
                _text(item)
            elif not isinstance(item, (list, tuple)) or not all(isinstance(word, str) for word in item):
                raise ValueError(f"with is_pretokenized an input is a list of words, but this is a {described(item)}")

    def _without_encodings(self, firsts: list[Any], seconds: list[Any] | None, options: Options) -> dict[str, Any]:
        """Make model inputs without the engine's encodings, which take longer."""
        form = self._input_format(options, are_pairs(seconds))
        given = [second for second in seconds or () if second is not None]
        ids = self._bare_ids([*firsts, *given], options.is_pretokenized)
        answers = iter(ids[len(firsts) :])
        pairs = None if seconds is None else [None if second is None else next(answers) for second in seconds]
        return assemble(form, ids[: len(firsts)], pairs, options)

    def _bare_ids(self, inputs: list[Any], is_pretokenized: bool) -> list[Ids]:
        if not is_pretokenized:
            return self._word_ids()(inputs)
        words = [[encodable(word) for word in item] for item in inputs]
        encodings = self._bare_engine().encode_batch_fast(words, is_pretokenized=True, add_special_tokens=False)
        return [encoding.ids for encoding in encodings]

    def _cannot_truncate(self, message: str) -> None:
        raise ValueError(message)

    # Files

    def save_vocabulary(self, save_directory: str) -> tuple[str, ...]:
        """Write the engine's vocabulary files.

        Args:
            save_directory: Folder to write to.

        Returns:
            Their paths.

        Raises:
            ValueError: If it is not a folder.
        """
        return tuple(self._tokenizer.model.save(vocabulary_folder(save_directory)))

    def save_pretrained(self, save_directory: Any) -> tuple[str, ...]:
        """Write the files of the tokenizer, `tokenizer.json` among them.

        Args:
            save_directory: Folder to write to; made if it is missing.

        Returns:
            Paths of the vocabulary files, the special tokens map and the added tokens.
        """
        paths = super().save_pretrained(save_directory)
        with replacing(Path(save_directory) / FULL_TOKENIZER_FILE) as temporary:
            temporary.write_text(self._full_file(), encoding="utf-8")
        return paths


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a fast tokenizer takes texts, or words with is_pretokenized; this is a {described(value)}")
    return encodable(value)


def _span_of(sequence: int, sequences: list[int | None]) -> Span:
    return sequences.index(sequence), len(sequences) - sequences[::-1].index(sequence)
