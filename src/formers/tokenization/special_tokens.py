"""The special tokens of a tokenizer (`[CLS]`, `<s>`, ...): attributes, ids, and adding to the vocabulary."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Any, cast

from tokenizers import AddedToken

from formers.tokenization.types import Token, text_of

logger = logging.getLogger(__name__)


def _checked_token(name: str, token: object) -> Token:
    if not isinstance(token, (str, AddedToken)):
        raise TypeError(f"special token {name} has to be either str or AddedToken but got: {type(token).__name__}")
    return token


def _checked_tokens(name: str, tokens: object) -> list[Token]:
    if not isinstance(tokens, (list, tuple)):
        raise TypeError(f"{name} has to be a list or tuple of str or AddedToken but got: {type(tokens).__name__}")
    return [_checked_token(f"in {name}", token) for token in tokens]


def _token_attribute(name: str, purpose: str) -> Any:
    attribute = f"_{name}"

    def read(self: SpecialTokensMixin) -> str | None:
        token = getattr(self, attribute)
        if token is None:
            if self.verbose:
                logger.error("Using %s, but it is not set yet.", name)
            return None
        return text_of(token)

    def write(self: SpecialTokensMixin, token: Token | None) -> None:
        self._set_role(name, token)
        self._on_new_role(name)

    return property(read, write, doc=f"{purpose}; None (and a logged error) if the tokenizer has none.")


def _id_attribute(name: str) -> Any:
    def read(self: SpecialTokensMixin) -> int | None:
        token = getattr(self, name)
        return None if token is None else cast("int | None", self.convert_tokens_to_ids(token))

    return property(read, doc=f"Id of `{name}` in the vocabulary; None if the tokenizer has no such token.")


class SpecialTokensMixin:
    """Special tokens by their roles.

    Args:
        verbose: Whether to log when a token is used that is not set.
        **kwargs: Tokens by role, `str` or `AddedToken`; `additional_special_tokens` is a list of them. Other keywords
            are ignored.

    Raises:
        TypeError: If a token is neither `str` nor `AddedToken`.
    """

    SPECIAL_TOKENS_ATTRIBUTES = [
        "bos_token",
        "eos_token",
        "unk_token",
        "sep_token",
        "pad_token",
        "cls_token",
        "mask_token",
        "additional_special_tokens",
    ]

    _bos_token: Token | None
    _eos_token: Token | None
    _unk_token: Token | None
    _sep_token: Token | None
    _pad_token: Token | None
    _cls_token: Token | None
    _mask_token: Token | None

    def __init__(self, verbose: bool = True, **kwargs: Any) -> None:
        for name in self.SPECIAL_TOKENS_ATTRIBUTES[:-1]:
            setattr(self, f"_{name}", None)
        self._additional_special_tokens: list[Token] = []
        self._pad_token_type_id = 0
        self.verbose = verbose
        for name in self.SPECIAL_TOKENS_ATTRIBUTES:
            if kwargs.get(name) is not None:
                self._set_role(name, kwargs[name])

    bos_token = _token_attribute("bos_token", "Beginning of a sentence")
    eos_token = _token_attribute("eos_token", "End of a sentence")
    unk_token = _token_attribute("unk_token", "Unknown token: what the vocabulary does not have becomes this")
    sep_token = _token_attribute("sep_token", "Separator between and after the sentences of an input")
    pad_token = _token_attribute("pad_token", "Padding token of short sequences in a batch")
    cls_token = _token_attribute("cls_token", "First token of an input, for classification")
    mask_token = _token_attribute("mask_token", "Masked token, for masked language models")
    bos_token_id = _id_attribute("bos_token")
    eos_token_id = _id_attribute("eos_token")
    unk_token_id = _id_attribute("unk_token")
    sep_token_id = _id_attribute("sep_token")
    pad_token_id = _id_attribute("pad_token")
    cls_token_id = _id_attribute("cls_token")
    mask_token_id = _id_attribute("mask_token")

    def _set_role(self, name: str, token: Any) -> None:
        if name == "additional_special_tokens":
            self._additional_special_tokens = [] if token is None else _checked_tokens(name, token)
        else:
            setattr(self, f"_{name}", None if token is None else _checked_token(name, token))

    def _on_new_role(self, name: str) -> None:
        """Take note that an attribute such as `cls_token` was set; for subclasses that keep what follows from it."""

    @property
    def pad_token_type_id(self) -> int:
        """Token type of padding."""
        return self._pad_token_type_id

    @property
    def additional_special_tokens(self) -> list[str]:
        """Special tokens without a fixed role."""
        return [text_of(token) for token in self._additional_special_tokens]

    @additional_special_tokens.setter
    def additional_special_tokens(self, tokens: Sequence[Token] | None) -> None:
        self._set_role("additional_special_tokens", tokens)

    @property
    def additional_special_tokens_ids(self) -> list[int]:
        """Ids of the `additional_special_tokens` in the vocabulary."""
        return cast("list[int]", self.convert_tokens_to_ids(self.additional_special_tokens))

    def _by_role(self) -> dict[str, Token | None]:
        return {name: getattr(self, f"_{name}") for name in self.SPECIAL_TOKENS_ATTRIBUTES[:-1]}

    @property
    def special_tokens_map_extended(self) -> dict[str, Token | list[Token]]:
        """The special tokens that are set, by role, `AddedToken` where that is how they were given."""
        found: dict[str, Token | list[Token]] = {name: token for name, token in self._by_role().items() if token}
        if self._additional_special_tokens:
            found["additional_special_tokens"] = list(self._additional_special_tokens)
        return found

    @property
    def special_tokens_map(self) -> dict[str, str]:
        """The special tokens that are set, by role, as text.

        The value of `additional_special_tokens` is the text `"['<a>', '<b>']"`, as in v3.0.2; the list itself is the
        attribute of that name.
        """
        return {
            name: str([text_of(one) for one in token]) if isinstance(token, list) else text_of(token)
            for name, token in self.special_tokens_map_extended.items()
        }

    @property
    def all_special_tokens_extended(self) -> list[Token]:
        """All special tokens in the order of their roles.

        A text (`str`) in two roles comes once, an `AddedToken` once for each role it was made for.
        """
        found: list[Token] = []
        texts: set[str] = set()
        for token in [*self._by_role().values(), *self._additional_special_tokens]:
            if isinstance(token, AddedToken):
                found.append(token)
            elif token and token not in texts:
                found.append(token)
                texts.add(token)
        return found

    @property
    def all_special_tokens(self) -> list[str]:
        """All special tokens as text."""
        return [text_of(token) for token in self.all_special_tokens_extended]

    @property
    def all_special_ids(self) -> list[int]:
        """Ids of all special tokens in the vocabulary."""
        return cast("list[int]", self.convert_tokens_to_ids(self.all_special_tokens))

    def convert_tokens_to_ids(self, tokens: Any) -> Any:
        """Look up the ids of tokens; the tokenizer classes define it."""
        raise NotImplementedError(f"{type(self).__name__} does not define convert_tokens_to_ids")

    def sanitize_special_tokens(self) -> int:
        """Make sure that every special token is in the vocabulary and is never split.

        Returns:
            How many tokens were added to the vocabulary.
        """
        return self.add_tokens(self.all_special_tokens_extended, special_tokens=True)

    def add_special_tokens(self, special_tokens_dict: dict[str, Any]) -> int:
        """Set special tokens and add those that the vocabulary lacks.

        Resize the model's embeddings afterwards: `model.resize_token_embeddings(len(tokenizer))`.

        Args:
            special_tokens_dict: Tokens by role, such as `{"cls_token": "<CLS>"}`; `additional_special_tokens` takes a
                list. Roles are those of `SPECIAL_TOKENS_ATTRIBUTES`.

        Returns:
            How many tokens were added to the vocabulary.

        Raises:
            AssertionError: If a role is unknown.
            TypeError: If a token is neither `str` nor `AddedToken`.
        """
        added = 0
        for name, value in (special_tokens_dict or {}).items():
            if name not in self.SPECIAL_TOKENS_ATTRIBUTES:
                raise AssertionError(
                    f"{name!r} is not a special token; expected one of {self.SPECIAL_TOKENS_ATTRIBUTES}"
                )
            self._set_role(name, value)
            added += self.add_tokens(value if name == "additional_special_tokens" else [value], special_tokens=True)
        return added

    def add_tokens(self, new_tokens: Token | Sequence[Token], special_tokens: bool = False) -> int:
        """Add tokens to the vocabulary; those that it has already are left out.

        Resize the model's embeddings afterwards: `model.resize_token_embeddings(len(tokenizer))`.

        Args:
            new_tokens: One token or several, `str` or `AddedToken` (which can say how white space around it counts).
            special_tokens: Whether they are special: never split, never changed by normalization, left out by
                `skip_special_tokens`.

        Returns:
            How many were added.
        """
        if not new_tokens:
            return 0
        tokens = [new_tokens] if isinstance(new_tokens, (str, AddedToken)) else list(new_tokens)
        return self._add_tokens(_checked_tokens("new_tokens", tokens), special_tokens=special_tokens)

    def _add_tokens(self, new_tokens: Iterable[Token], special_tokens: bool = False) -> int:
        raise NotImplementedError(f"{type(self).__name__} does not define _add_tokens")
