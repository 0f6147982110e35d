"""The vocabulary of fast tokenizers: an engine's, its added tokens, and its special tokens."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from tokenizers import AddedToken, Tokenizer
from tokenizers.processors import ByteLevel

from formers.hub import find_file
from formers.tokenization.base import PreTrainedTokenizerBase
from formers.tokenization.engines.added import bare_engine
from formers.tokenization.engines.running import encodable
from formers.tokenization.engines.vocabularies import added_tokens_in
from formers.tokenization.engines.words import WordIds
from formers.tokenization.inputs.layout import Layout
from formers.tokenization.loading import FULL_TOKENIZER_FILE
from formers.tokenization.types import Token, text_of

logger = logging.getLogger(__name__)


class FastVocabulary(PreTrainedTokenizerBase):
    """A tokenizer whose vocabulary is an engine's.

    Args:
        engine: The engine.
        **kwargs: As in `PreTrainedTokenizerBase`.
    """

    def __init__(self, engine: Tokenizer, **kwargs: Any) -> None:
        self._tokenizer = engine
        self._layouts: dict[bool, Layout] = {}
        self._bare: Tokenizer | None = None
        self._words: WordIds | None = None
        # Added tokens that have ids, but that are not looked for in texts.
        self._unseen: set[str] = set()
        # Whether the class has said where special tokens go, and whether it has yet to do so with tokens set since.
        self._lays_out = self._roles_wait = False
        super().__init__(**kwargs)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_bare": None, "_words": None}

    def _forget(self) -> None:
        """Drop what was computed from the engine as it was."""
        self._bare = self._words = None
        self._layouts = {}

    def _bare_engine(self) -> Tokenizer:
        """Get the engine that splits texts."""
        if self._bare is None:
            self._bare = bare_engine(self._tokenizer, self._unseen)
        return self._bare

    @property
    def vocab_size(self) -> int:
        """Size of the vocabulary without added tokens."""
        return self._tokenizer.get_vocab_size(with_added_tokens=False)

    def __len__(self) -> int:
        """Count the tokens of the vocabulary, added ones included."""
        return self._tokenizer.get_vocab_size(with_added_tokens=True)

    def get_vocab(self) -> dict[str, int]:
        """List all tokens and their ids."""
        return self._tokenizer.get_vocab(with_added_tokens=True)

    def _base_vocabulary(self) -> dict[str, int]:
        """List the tokens of the vocabulary, without added ones."""
        return self._tokenizer.get_vocab(with_added_tokens=False)

    def get_added_vocab(self) -> dict[str, int]:
        """List the tokens that were added, and their ids."""
        base = self._base_vocabulary()
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
            # As they are, because the engine would return their normalized form.
            self._tokenizer.add_tokens([_unnormalized(one) if text_of(one) in unseen else one for one in tokens])
            self._unseen |= unseen
        if self._roles_wait:
            self._put_special_tokens(replace=True)
        return len(self) - before

    def _is_unseen(self, token: Token) -> bool:
        """Find out whether no normalized text holds a token, as with capitals where texts become lower case.

        v3.0.2 searched normalized texts for the token as it is written. Today's engine normalizes the token too, and
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
        # `added_tokens.json` has only the texts, `tokenizer.json` the options too.
        path = find_file(name, [FULL_TOKENIZER_FILE], **hub) if ids else None
        return super()._with_options(ids, {**({} if path is None else added_tokens_in(path)), **written}, name, hub)

    def _restore_tokens(self, tokens: dict[int, Token], special: frozenset[str]) -> None:
        def is_special(token: Token) -> bool:
            return text_of(token) in special or (isinstance(token, AddedToken) and token.special)

        for kind, run in groupby(tokens.values(), is_special):
            group = list(run)
            self._add_tokens(group, special_tokens=kind)
            if not kind:
                # Also those that the engine read from its file.
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
        vocabulary = self._base_vocabulary()
        # Those that `added_tokens.json` does not name, because they are in the vocabulary.
        table = {
            index: {**token.__getstate__(), "normalized": token.normalized or token.content in self._unseen}
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

    # Ids

    def _token_id(self, token: str) -> int | None:
        index = self._tokenizer.token_to_id(encodable(token))
        if index is None and self._unk_token is not None:
            return self._tokenizer.token_to_id(text_of(self._unk_token))
        return index

    def _token_of(self, index: int) -> str:
        return self._tokenizer.id_to_token(index)  # type: ignore[return-value]

    def _full_file(self) -> str:
        """Write the content of `tokenizer.json`."""
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
