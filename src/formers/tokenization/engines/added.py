"""Tokens that were added to an engine, and special tokens."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from tokenizers import AddedToken, Tokenizer

from formers.tokenization.types import Token, text_of


def bare_engine(engine: Tokenizer, unseen: Collection[str] = ()) -> Tokenizer:
    """Copy an engine without its post-processor, so that it adds no special tokens; the big parts are shared.

    Args:
        engine: The engine.
        unseen: Added tokens that are not looked for in texts.

    Returns:
        An engine in which every token has the id it has in `engine`.
    """
    bare = Tokenizer(engine.model)
    for part in ("normalizer", "pre_tokenizer", "decoder"):
        if (value := getattr(engine, part)) is not None:
            setattr(bare, part, value)
    tokens = []
    for index, token in sorted(engine.get_added_tokens_decoder().items()):
        if token.content not in unseen:
            tokens.append(token)
        elif engine.model.token_to_id(token.content) is None:
            # Ids are given out in order: a noncharacter, which texts do not have, takes this one.
            tokens.append(AddedToken(f"\ufdd0{index}", special=True, normalized=False))
    # As many as can be at once, because the engine compiles all its added tokens again in each call.
    for special, run in groupby(tokens, lambda token: token.special):
        (bare.add_special_tokens if special else bare.add_tokens)(list(run))
    return bare


def with_ids(engine: Tokenizer, *tokens: str | None) -> list[tuple[str, int]] | None:
    """Look up the ids of tokens.

    Returns:
        Tokens with their ids, as post-processors take them; None if the engine lacks a token.
    """
    found = [(token, engine.token_to_id(token)) for token in tokens if token is not None]
    known = [(token, index) for token, index in found if index is not None]
    return known if len(known) == len(tokens) else None


def add_specials(engine: Tokenizer, tokens: Sequence[Token | None]) -> None:
    """Make an engine keep special tokens whole; those that its vocabulary lacks are left out."""
    present = [token for token in tokens if token and engine.token_to_id(text_of(token)) is not None]
    engine.add_special_tokens([text_of(token) if isinstance(token, str) else _special(token) for token in present])


def _special(token: AddedToken) -> AddedToken:
    return AddedToken(
        token.content, single_word=token.single_word, lstrip=token.lstrip, rstrip=token.rstrip, normalized=False
    )
