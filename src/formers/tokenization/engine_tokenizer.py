"""The Python interface on an engine: tokenizers with a "slow" name and Rust's speed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tokenizers import Tokenizer

from formers.tokenization.engines.running import encodable, encode_bare
from formers.tokenization.engines.words import Split, WordIds
from formers.tokenization.preparing import defined_here
from formers.tokenization.python import PreTrainedTokenizer
from formers.tokenization.types import Ids


class EngineTokenizer(PreTrainedTokenizer):
    """Base class of the Python tokenizers of this package.

    Subclasses call `_set_engine` at the end of their `__init__`.
    """

    _engine: Tokenizer
    _vocabulary: Mapping[str, int]

    def _set_engine(self, engine: Tokenizer, vocabulary: Mapping[str, int], split: Split | None = None) -> None:
        """Use an engine.

        Args:
            engine: Splits texts into tokens. Those with ids that `vocabulary` lacks are unknown.
            vocabulary: Tokens and their ids.
            split: How to split texts into pieces that the engine treats independently (see `words`).
        """
        self._engine = engine
        self._vocabulary = vocabulary
        self._tokens = {index: token for token, index in vocabulary.items()}
        self._unknown_id = vocabulary.get(self._unknown() or "")
        self._incomplete = engine.get_vocab_size() != len(vocabulary)
        self._words = WordIds(self._engine_ids, split)

    @property
    def vocab_size(self) -> int:
        """Size of the vocabulary without added tokens."""
        return len(self._vocabulary)

    def get_vocab(self) -> dict[str, int]:
        """List all tokens and their ids."""
        return {**self._vocabulary, **self.added_tokens_encoder}

    def _base_vocabulary(self) -> Mapping[str, int]:
        """List the tokens of the vocabulary, without added ones."""
        return self._vocabulary

    def _convert_token_to_id(self, token: str) -> int | None:
        return self._vocabulary.get(token, self._vocabulary.get(self._unknown() or ""))

    def _convert_id_to_token(self, index: int) -> str:
        token = self._tokens.get(index, self._unknown())
        if token is None:
            raise ValueError(f"{index} is not a token id: the vocabulary has {len(self)} tokens, from 0 on")
        return token

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        return self._engine.encode(encodable(text), add_special_tokens=False).tokens

    def _engine_ids(self, texts: list[str]) -> list[Ids]:
        rows = encode_bare(self._engine, texts)
        if not self._incomplete:
            return rows
        known = self._tokens
        return [[index if index in known else self._unknown_id for index in row] for row in rows]  # type: ignore[misc]

    def _strings_for_python(self) -> Iterable[str]:
        """List the strings that the engine treats otherwise than this tokenizer; texts without them are left to it."""
        return self.unique_no_split_tokens

    def _encode_texts(self, texts: Sequence[str], kwargs: dict[str, Any]) -> list[Ids]:
        if not defined_here(self, "tokenize", "_tokenize", "convert_tokens_to_ids", "_convert_token_to_id"):
            return super()._encode_texts(texts, kwargs)
        prepared = [self._prepared(text, dict(kwargs)) for text in texts]
        strings = self._strings_for_python()
        plain = [None if any(string in text for string in strings) else text for text in prepared]
        encoded = iter(self._words([text for text in plain if text is not None]))
        return [
            self._slowly(texts[i], kwargs) if text is None else self._unless_blank(text, next(encoded))
            for i, text in enumerate(plain)
        ]

    def _slowly(self, text: str, kwargs: dict[str, Any]) -> Ids:
        return self.convert_tokens_to_ids(self.tokenize(text, **kwargs))

    @staticmethod
    def _unless_blank(text: str, ids: Ids) -> Ids:
        return ids if ids and not text.isspace() else []

    def __getstate__(self) -> dict[str, Any]:
        # Ids of words are computed again where they are needed; they need not travel.
        return {**self.__dict__, "_words": self._words.emptied()}
