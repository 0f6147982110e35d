"""Tokenizers on an engine, with all that it offers: offsets, words, overflowing pieces (the "Fast" names)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from tokenizers import AddedToken, Encoding, Tokenizer
from tokenizers.decoders import Decoder
from tokenizers.processors import ByteLevel

from formers.files import replacing
from formers.hub import find_file
from formers.tokenization.assembly import (
    BARE,
    NO_TRUNCATION,
    Ids,
    Layout,
    assemble,
)
from formers.tokenization.base import PreTrainedTokenizerBase
from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.encodings import EncodingsMixin, flat
from formers.tokenization.engine_tokenizer import encodable, encode_bare
from formers.tokenization.engines import added_tokens_in, bare_engine, read_engine
from formers.tokenization.loading import FULL_TOKENIZER_FILE
from formers.tokenization.options import Options
from formers.tokenization.special_tokens import Token, text_of
from formers.tokenization.types import PaddingStrategy, TruncationStrategy
from formers.tokenization.words import WordIds, splitting_of

logger = logging.getLogger(__name__)


class PreTrainedTokenizerFast(EncodingsMixin, PreTrainedTokenizerBase):
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
        self._tokenizer: Tokenizer = getattr(engine, "_tokenizer", engine)
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self._layouts: dict[bool, Layout | None] = {}
        self._bare: Tokenizer | None = None
        self._words: WordIds | None = None
        # Added tokens that have numbers, but that texts are not searched for.
        self._unseen: set[str] = set()
        # Whether the class has said where special tokens go, and whether it has yet to do so with tokens set since.
        self._lays_out = self._roles_wait = False
        super().__init__(**kwargs)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_bare": None, "_words": None}

    @property
    def is_fast(self) -> bool:
        """True: encodings can map tokens to characters."""
        return True

    @property
    def backend_tokenizer(self) -> Tokenizer:
        """The engine. It may be changed; what was worked out from it before is forgotten."""
        self._forget()
        return self._tokenizer

    @property
    def decoder(self) -> Decoder:
        """The part of the engine that turns tokens into text."""
        return self._tokenizer.decoder

    def _forget(self) -> None:
        self._bare = self._words = None
        self._layouts = {}

    # Vocabulary

    @property
    def vocab_size(self) -> int:
        """Size of the vocabulary without added tokens."""
        return self._tokenizer.get_vocab_size(with_added_tokens=False)

    def __len__(self) -> int:
        """Size of the vocabulary with added tokens."""
        return self._tokenizer.get_vocab_size(with_added_tokens=True)

    def get_vocab(self) -> dict[str, int]:
        """All tokens and their numbers."""
        return self._tokenizer.get_vocab(with_added_tokens=True)

    def _own_vocabulary(self) -> dict[str, int]:
        """The vocabulary without added tokens."""
        return self._tokenizer.get_vocab(with_added_tokens=False)

    def get_added_vocab(self) -> dict[str, int]:
        """The tokens that were added, and their numbers."""
        base = self._own_vocabulary()
        decoder = self._tokenizer.get_added_tokens_decoder()
        return {token.content: index for index, token in sorted(decoder.items()) if token.content not in base}

    def _add_tokens(self, new_tokens: Iterable[Token], special_tokens: bool = False) -> int:
        self._forget()
        before = len(self)
        tokens = [token for token in new_tokens if text_of(token)]
        if special_tokens:
            self._tokenizer.add_special_tokens(tokens)
            self._unseen.difference_update(map(text_of, tokens))
        else:
            known = {token.content for token in self._tokenizer.get_added_tokens_decoder().values()}
            unseen = {text_of(token) for token in tokens if text_of(token) not in known and self._is_unseen(token)}
            # As they are, because the engine would give back their normalised form.
            self._tokenizer.add_tokens([_unnormalized(one) if text_of(one) in unseen else one for one in tokens])
            self._unseen |= unseen
        if self._roles_wait:
            self._put_special_tokens(replace=True)
        return len(self) - before

    def _is_unseen(self, token: Token) -> bool:
        """Whether no normalised text holds a token, such as one with capitals where texts become lower case.

        v3.0.2 searched normalised texts for the token as it is written. Today's engine normalises the token too, and
        so would find it in texts that do not have it.
        """
        text = text_of(token)
        normalizer = self._tokenizer.normalizer
        if normalizer is None or (isinstance(token, AddedToken) and not token.normalized):
            return False
        return text not in normalizer.normalize_str(encodable(text))

    @classmethod
    def _with_options(
        cls, ids: dict[str, int], written: dict[str, AddedToken], name: str, hub: dict[str, Any]
    ) -> dict[int, Token]:
        # `added_tokens.json` has the texts alone, `tokenizer.json` the options too.
        path = find_file(name, [FULL_TOKENIZER_FILE], **hub) if ids else None
        return super()._with_options(ids, {**({} if path is None else added_tokens_in(path)), **written}, name, hub)

    def _restore_tokens(self, tokens: dict[int, Token], special: frozenset[str]) -> None:
        def is_special(token: Token) -> bool:
            return text_of(token) in special or (isinstance(token, AddedToken) and token.special)

        for kind, run in groupby(tokens.values(), is_special):
            group = list(run)
            self._add_tokens(group, special_tokens=kind)
            if not kind:
                # Also of those that the engine has from its own file.
                self._unseen.update(text_of(token) for token in group if self._is_unseen(token))
        for index, token in tokens.items():
            found = self._tokenizer.token_to_id(text_of(token))
            if found != index:
                text = text_of(token)
                logger.warning("the added token %r has the id %d in its file, but %s here", text, index, found)

    def _restore_added(self, added: dict[int, Token]) -> None:
        super()._restore_added(added)
        self._put_special_tokens()

    def _config_to_save(self) -> dict[str, Any]:
        config = super()._config_to_save()
        roles = set(self.all_special_tokens)
        vocabulary = self._own_vocabulary()
        # Those that `added_tokens.json` does not name, because they are in the vocabulary.
        table = {
            index: token
            for index, token in self._tokenizer.get_added_tokens_decoder().items()
            if token.content in vocabulary and token.content not in roles
        }
        return {**config, "added_tokens_decoder": table} if table else config

    # Special tokens

    def _on_new_role(self, name: str) -> None:
        # `add_special_tokens` does not come here: as in v3.0.2, the engine keeps what it puts around sequences.
        if self._lays_out:
            self.init_kwargs[name] = getattr(self, f"_{name}")
            self._put_special_tokens(replace=True)

    def _put_special_tokens(self, replace: bool = False) -> None:
        """Give the engine the post-processor of the class.

        Args:
            replace: Whether it takes the place of one that came with the engine.
        """
        self._forget()
        self._lays_out = True
        engine = self._tokenizer
        # A ByteLevel post-processor trims offsets and adds no tokens.
        if replace or engine.post_processor is None or isinstance(engine.post_processor, ByteLevel):
            processor = self._post_processor()
            self._roles_wait = replace and processor is None  # for tokens that the vocabulary lacks
            if processor is not None:
                engine.post_processor = processor

    def _post_processor(self) -> Any:
        """Make what puts the special tokens of the class around sequences.

        Returns:
            A post-processor of `tokenizers`; None leaves the engine's.
        """
        return None

    def _number(self, token: str) -> int | None:
        index = self._tokenizer.token_to_id(encodable(token))
        if index is None and self._unk_token is not None:
            return self._tokenizer.token_to_id(text_of(self._unk_token))
        return index

    def _token(self, index: int) -> str:
        return self._tokenizer.id_to_token(index)  # type: ignore[return-value]

    # Text to tokens and back

    def tokenize(
        self, text: str, pair: str | None = None, add_special_tokens: bool = False, **kwargs: Any
    ) -> list[str]:
        """Cut a text into tokens.

        Args:
            text: The text.
            pair: A second one.
            add_special_tokens: Whether to put in the special tokens.
            **kwargs: Not used; for calls that fit the Python tokenizers too.

        Raises:
            ValueError: If it is no text.
        """
        texts = self._prepared_inputs([_text(text)] if pair is None else [_text(text), _text(pair)])
        first, *rest = self._bare_engine().encode_batch(texts, add_special_tokens=False)
        return self._tokenizer.post_process(first, rest[0] if rest else None, add_special_tokens).tokens

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Text of tokens."""
        decoder = self._tokenizer.decoder
        return decoder.decode(tokens) if decoder is not None else " ".join(tokens)

    def _decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        try:
            return self._tokenizer.decode(ids, skip_special_tokens=skip_special_tokens)
        except OverflowError as error:
            raise ValueError(
                f"token ids are whole numbers from 0 on, and these go from {min(ids)} to {max(ids)} (in labels -100 "
                "stands for no token: take it out first)"
            ) from error

    # The calls

    def num_special_tokens_to_add(self, pair: bool = False) -> int:
        """How many special tokens an input gets: one of one sequence, or one of two (`pair`)."""
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
        """Inside the `with` block `backend_tokenizer` truncates and pads by itself.

        Args:
            padding_strategy: What to pad to.
            truncation_strategy: Which sequence to cut.
            max_length: Length of both.
            stride: How many tokens the pieces of a long text share.
            pad_to_multiple_of: Round the padded length up to a multiple of this.
        """
        if truncation_strategy is not NO_TRUNCATION and max_length is not None:
            self._tokenizer.enable_truncation(max_length, stride=stride, strategy=truncation_strategy.value)
        if padding_strategy is not PaddingStrategy.DO_NOT_PAD:
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

    def _layout(self, pair: bool) -> Layout | None:
        """Where the engine puts special tokens."""
        if pair not in self._layouts:
            self._layouts[pair] = self._found_layout(pair)
        return self._layouts[pair]

    def _found_layout(self, pair: bool) -> Layout | None:
        if self._tokenizer.post_processor is None:
            return BARE
        probe = self._bare_engine().encode("a", add_special_tokens=False)
        if not probe.ids:
            return super()._layout(pair)
        done = self._tokenizer.post_process(probe, probe if pair else None, True)
        return _layout_of(done, pair)

    def _bare_engine(self) -> Tokenizer:
        """The engine that cuts texts."""
        if self._bare is None:
            self._bare = bare_engine(self._tokenizer, self._unseen)
        return self._bare

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
            data = self._quickly(firsts, seconds, options)
        overflows = options.return_overflowing_tokens
        if not batched and options.return_tensors is None and not overflows:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, partial(flat, encodings, overflows), tensor_type=options.return_tensors)

    def _prepared_inputs(self, texts: list[Any]) -> list[Any]:
        """Change texts before they are cut; for subclasses."""
        return texts

    def _check_inputs(self, inputs: Sequence[Any], options: Options) -> None:
        if not options.is_pretokenized and set(map(type, inputs)) <= {str}:
            return
        for item in inputs:
            if not options.is_pretokenized:
                _text(item)
            elif not isinstance(item, (list, tuple)) or not all(isinstance(word, str) for word in item):
                raise ValueError(f"with is_pretokenized an input is a list of words, but this is a {_describe(item)}")

    def _quickly(self, firsts: list[Any], seconds: list[Any] | None, options: Options) -> dict[str, Any]:
        """Model inputs without the engine's encodings, which take longer."""
        given = [second for second in seconds or () if second is not None]
        ids = self._bare_ids([*firsts, *given], options.is_pretokenized)
        answers = iter(ids[len(firsts) :])
        pairs = None if seconds is None else [None if second is None else next(answers) for second in seconds]
        return assemble(self, ids[: len(firsts)], pairs, options)

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
        """Write the engine's own vocabulary files.

        Args:
            save_directory: Folder to write to.

        Returns:
            Their paths.

        Raises:
            ValueError: If it is no folder.
        """
        if not Path(save_directory).is_dir():
            raise ValueError(f"Vocabulary path ({save_directory}) should be a directory")
        return tuple(self._tokenizer.model.save(save_directory))

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

    def _full_file(self) -> str:
        """The content of `tokenizer.json`."""
        if not self._unseen:
            return self._tokenizer.to_str()
        content = json.loads(self._tokenizer.to_str())
        for token in content["added_tokens"]:
            token["normalized"] |= token["content"] in self._unseen  # as they were given
        return json.dumps(content, ensure_ascii=False)


def _unnormalized(token: Token) -> AddedToken:
    options = token if isinstance(token, AddedToken) else AddedToken(token)
    return AddedToken(
        options.content,
        single_word=options.single_word,
        lstrip=options.lstrip,
        rstrip=options.rstrip,
        normalized=False,
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"a fast tokenizer takes texts, or words with is_pretokenized; this is a {_describe(value)}")
    return encodable(value)


def _describe(value: Any) -> str:
    name = type(value).__name__
    if isinstance(value, (list, tuple)):
        return f"{name} of {', '.join(sorted({type(item).__name__ for item in value})) or 'nothing'}"
    return f"{name}: {str(value)[:50]!r}"


def _layout_of(done: Encoding, pair: bool) -> Layout:
    ids, types, parts = done.ids, done.type_ids, done.sequence_ids
    a = parts.index(0)
    end_a = len(parts) - parts[::-1].index(0)
    if not pair:
        return Layout(ids[:a], [], ids[end_a:], types[:a], types[a], [], types[a], types[end_a:])
    b = parts.index(1)
    end_b = len(parts) - parts[::-1].index(1)
    return Layout(ids[:a], ids[end_a:b], ids[end_b:], types[:a], types[a], types[end_a:b], types[b], types[end_b:])
