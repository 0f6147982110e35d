"""Tokenizers written in Python, or on an engine with the interface of the Python ones (the "slow" names)."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import AddedToken

from formers.tokenization.base import PreTrainedTokenizerBase
from formers.tokenization.batch_encoding import BatchEncoding
from formers.tokenization.inputs.assembly import are_pairs, assemble
from formers.tokenization.inputs.checking import described
from formers.tokenization.inputs.options import Options
from formers.tokenization.types import Ids, Token, text_of

logger = logging.getLogger(__name__)


class PreTrainedTokenizer(PreTrainedTokenizerBase):
    """Base class of the Python tokenizers.

    A subclass defines `vocab_size`, `get_vocab`, `_tokenize`, `_convert_token_to_id`, `_convert_id_to_token`,
    `save_vocabulary`, and where they differ `convert_tokens_to_string` and `build_inputs_with_special_tokens`.

    Args:
        **kwargs: As in `PreTrainedTokenizerBase`.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.added_tokens_encoder: dict[str, int] = {}
        self.added_tokens_decoder: dict[int, str] = {}
        self.unique_no_split_tokens: list[str] = []

    @property
    def is_fast(self) -> bool:
        """False: encodings cannot map tokens to characters."""
        return False

    # Vocabulary

    @property
    def vocab_size(self) -> int:
        """Size of the vocabulary without added tokens."""
        raise NotImplementedError(f"{type(self).__name__} does not define vocab_size")

    def get_vocab(self) -> dict[str, int]:
        """List all tokens and their ids."""
        raise NotImplementedError(f"{type(self).__name__} does not define get_vocab")

    def get_added_vocab(self) -> dict[str, int]:
        """List the tokens that were added, and their ids."""
        return self.added_tokens_encoder

    def __len__(self) -> int:
        """Count the tokens of the vocabulary, added ones included."""
        return self.vocab_size + len(self.added_tokens_encoder)

    def _add_tokens(self, new_tokens: Iterable[Token], special_tokens: bool = False) -> int:
        lowercase = not special_tokens and self.init_kwargs.get("do_lower_case", False)
        texts = [text_of(token).lower() if lowercase else text_of(token) for token in new_tokens]
        unknown = self._unknown()
        unknown_id = self.convert_tokens_to_ids(unknown)
        new = [
            text
            for text in dict.fromkeys(texts)
            if text and text != unknown and self.convert_tokens_to_ids(text) == unknown_id
        ]
        for text in new:
            self._set_added(text, len(self))
        self._keep_whole(texts if special_tokens else new)
        return len(new)

    def _unknown(self) -> str | None:
        return None if self._unk_token is None else text_of(self._unk_token)

    def _set_added(self, text: str, index: int) -> None:
        self.added_tokens_encoder[text] = index
        self.added_tokens_decoder[index] = text

    def _keep_whole(self, texts: Iterable[str]) -> None:
        self.unique_no_split_tokens = list(dict.fromkeys([*self.unique_no_split_tokens, *texts]))

    def _restore_tokens(self, tokens: dict[int, Token], special: frozenset[str]) -> None:
        vocabulary = self.get_vocab()
        for index, token in tokens.items():
            if text_of(token) not in vocabulary:
                self._set_added(text_of(token), index)
        self._keep_whole(map(text_of, tokens.values()))

    # Text to tokens

    def tokenize(self, text: str, **kwargs: Any) -> list[str]:
        """Split a text into tokens.

        Args:
            text: The text.
            **kwargs: For `prepare_for_tokenization`.

        Raises:
            TypeError: If it is not a text.
        """
        text = self._prepared(text, kwargs)
        if not text.strip():
            return []
        tokens: list[str] = []
        for part, whole in self._parts(text):
            tokens.extend([part] if whole else self._tokenize(part))
        return tokens

    def prepare_for_tokenization(
        self, text: str, is_pretokenized: bool = False, **kwargs: Any
    ) -> tuple[str, dict[str, Any]] | str:
        """Change a text before it is split into tokens; for subclasses.

        Args:
            text: The text.
            is_pretokenized: Whether it is one word of several.
            **kwargs: Keywords of the call. Those known are taken out.

        Returns:
            The text, and the keywords that are not known.
        """
        return text, kwargs

    def _prepared(self, text: Any, kwargs: dict[str, Any]) -> str:
        if not isinstance(text, str):
            raise TypeError(f"only a str can be tokenized, and this is a {type(text).__name__}: {str(text)[:50]!r}")
        prepared = self.prepare_for_tokenization(text, **kwargs)
        if isinstance(prepared, tuple):
            text, unused = prepared
            unused.pop("is_pretokenized", None)
            if unused:
                logger.warning("Keyword arguments %s not recognized.", unused)
        else:
            text = prepared
        if self.init_kwargs.get("do_lower_case", False):
            text = self._lowercase(text)
        return text

    def _lowercase(self, text: str) -> str:
        """Lower-case a text letter by letter, special tokens excepted."""
        special = [token for token in self.all_special_tokens if token in text]
        if not special:
            return _lower(text)
        parts = re.split(f"({'|'.join(map(re.escape, special))})", text)
        return "".join(part if i % 2 else _lower(part) for i, part in enumerate(parts))

    def _parts(self, text: str) -> list[tuple[str, bool]]:
        """Split a text at the tokens that must stay whole: (part, whether it is such a token).

        White space beside them is removed, except where an `AddedToken` says that it stays.
        """
        whole = [token for token in self.unique_no_split_tokens if token in text]
        if not whole:
            return [(text, False)]
        extended = {text_of(token): token for token in self.all_special_tokens_extended}
        longest_first = sorted(whole, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, longest_first))})", text)
        strips = [_strips(extended.get(token)) for token in parts[1::2]]
        for i, (left, right) in enumerate(strips):
            if left:
                parts[2 * i] = parts[2 * i].rstrip()
            if right:
                parts[2 * i + 2] = parts[2 * i + 2].lstrip()
        return [(part, i % 2 == 1) for i, part in enumerate(parts) if part]

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        """Split a text without special tokens into tokens; for subclasses."""
        raise NotImplementedError(f"{type(self).__name__} does not define _tokenize")

    # Tokens to ids and back

    def _token_id(self, token: str) -> int | None:
        if token in self.added_tokens_encoder:
            return self.added_tokens_encoder[token]
        return self._convert_token_to_id(token)

    def _convert_token_to_id(self, token: str) -> int | None:
        raise NotImplementedError(f"{type(self).__name__} does not define _convert_token_to_id")

    def _token_of(self, index: int) -> str:
        if index in self.added_tokens_decoder:
            return self.added_tokens_decoder[index]
        return self._convert_id_to_token(index)

    def _convert_id_to_token(self, index: int) -> str:
        raise NotImplementedError(f"{type(self).__name__} does not define _convert_id_to_token")

    def convert_tokens_to_string(self, tokens: list[str]) -> str:
        """Join tokens to a text (here: with spaces between them)."""
        return " ".join(self.convert_ids_to_tokens(tokens) if tokens and isinstance(tokens[0], int) else tokens)

    def _decode(self, ids: list[int], skip_special_tokens: bool) -> str:
        tokens = self.convert_ids_to_tokens(ids, skip_special_tokens=skip_special_tokens)
        parts: list[str] = []
        run: list[str] = []
        for token in tokens:
            if token in self.added_tokens_encoder:
                if run:
                    parts.append(self.convert_tokens_to_string(run))
                parts.append(token)
                run = []
            else:
                run.append(token)
        if run:
            parts.append(self.convert_tokens_to_string(run))
        return " ".join(parts)

    # The calls

    def _encode_batch(
        self,
        firsts: list[Any],
        seconds: list[Any] | None,
        options: Options,
        batched: bool,
        kwargs: dict[str, Any],
    ) -> BatchEncoding:
        if options.return_offsets_mapping:
            raise NotImplementedError(
                f"return_offsets_mapping is not available with the Python tokenizer {type(self).__name__}: "
                f"{self._advice()}"
            )
        form = self._input_format(options, are_pairs(seconds))
        given = [second for second in seconds or () if second is not None]
        ids = self._ids_of([*firsts, *given], options.is_pretokenized, kwargs)
        answers = iter(ids[len(firsts) :])
        pairs = None if seconds is None else [None if second is None else next(answers) for second in seconds]
        data = assemble(form, ids[: len(firsts)], pairs, options)
        if not batched and options.return_tensors is None:
            data = {name: value[0] for name, value in data.items()}
        return BatchEncoding(data, tensor_type=options.return_tensors)

    def _advice(self) -> str:
        """Say which class has what Python tokenizers lack."""
        for cls in type(self).__mro__:
            fast = f"{cls.__name__}Fast"
            if hasattr(sys.modules.get(cls.__module__), fast):
                return f"use the fast class {fast}, or AutoTokenizer.from_pretrained(..., use_fast=True)"
        return "there is no fast class of it, so leave the argument out"

    def _ids_of(self, inputs: list[Any], is_pretokenized: bool, kwargs: dict[str, Any]) -> list[Ids]:
        """Turn texts, lists of words, lists of tokens or lists of token ids into token ids."""
        texts: list[str] = []
        parts: list[int | Ids] = []  # how many of the texts make up an input, or its ids
        for item in inputs:
            if isinstance(item, str):
                texts.append(item)
                parts.append(1)
            elif isinstance(item, (list, tuple)) and all(isinstance(one, str) for one in item):
                if is_pretokenized:
                    texts.extend(item)
                    parts.append(len(item))
                else:
                    parts.append(self.convert_tokens_to_ids(list(item)))
            elif isinstance(item, (list, tuple)) and all(isinstance(one, int) for one in item):
                parts.append(list(item))
            else:
                raise ValueError(
                    "Input is not valid. Should be a string, a list/tuple of strings or a list/tuple of integers, "
                    f"but it is a {described(item)}."
                )
        if is_pretokenized:
            kwargs = {**kwargs, "is_pretokenized": True}
        encoded = iter(self._encode_texts(texts, kwargs))
        return [
            part if isinstance(part, list) else [index for _ in range(part) for index in next(encoded)]
            for part in parts
        ]

    def _encode_texts(self, texts: Sequence[str], kwargs: dict[str, Any]) -> list[Ids]:
        """Encode texts without special tokens."""
        return [self.convert_tokens_to_ids(self.tokenize(text, **kwargs)) for text in texts]


def _lower(text: str) -> str:
    # Letter by letter there is no final sigma.
    return text.replace("Σ", "σ").lower()


def _strips(token: Token | None) -> tuple[bool, bool]:
    """Find out whether the white space left and right of a token is removed."""
    return (token.lstrip, token.rstrip) if isinstance(token, AddedToken) else (True, True)
