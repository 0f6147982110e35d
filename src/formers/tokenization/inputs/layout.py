"""Where the special tokens of model inputs go, and what token types the parts of an input have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol

from formers.tokenization.types import Ids


class Layout(Protocol):
    """Puts special tokens around one sequence or two."""

    @property
    def added(self) -> int:
        """How many special tokens an input gets."""

    def ids(self, first: Ids, second: Ids | None) -> Ids:
        """Return the token ids of the whole input."""

    def types(self, first: Ids, second: Ids | None) -> Ids:
        """Return the token type of each token of the whole input."""

    def special(self, first: Ids, second: Ids | None) -> Ids:
        """Return 1 for special tokens and 0 for the others, for the whole input."""


@dataclass(frozen=True)
class TemplateLayout:
    """Special tokens before, between and after the sequences, whatever the sequences are.

    Args:
        before: Ids of special tokens before the first sequence.
        between: Ids of those between the sequences.
        after: Ids of those at the end.
        types_before: Their token types.
        type_first: Token type of the first sequence.
        types_between: Token types of the special tokens between the sequences.
        type_second: Token type of the second sequence.
        types_after: Token types of the special tokens at the end.
    """

    before: Ids
    between: Ids
    after: Ids
    types_before: Ids
    type_first: int
    types_between: Ids
    type_second: int
    types_after: Ids

    @cached_property
    def added(self) -> int:
        """How many special tokens an input gets."""
        return len(self.before) + len(self.between) + len(self.after)

    @cached_property
    def _has_one_type(self) -> bool:
        kinds = {*self.types_before, self.type_first, *self.types_between, self.type_second, *self.types_after}
        return len(kinds) == 1

    def ids(self, first: Ids, second: Ids | None) -> Ids:
        """Return the token ids of the whole input."""
        if second is None:
            return [*self.before, *first, *self.after]
        return [*self.before, *first, *self.between, *second, *self.after]

    def types(self, first: Ids, second: Ids | None) -> Ids:
        """Return the token type of each token of the whole input."""
        length = len(second or ())
        if self._has_one_type:
            return [self.type_first] * (self.added + len(first) + length)
        return [
            *self.types_before,
            *[self.type_first] * len(first),
            *self.types_between,
            *[self.type_second] * length,
            *self.types_after,
        ]

    def special(self, first: Ids, second: Ids | None) -> Ids:
        """Return 1 for special tokens and 0 for the others, for the whole input."""
        middle = [1] * len(self.between) + [0] * len(second or ())
        return [1] * len(self.before) + [0] * len(first) + middle + [1] * len(self.after)


BARE = TemplateLayout([], [], [], [], 0, [], 1, [])


class BuiltLayout(NamedTuple):
    """Special tokens that functions put around each input.

    Args:
        build: `build_inputs_with_special_tokens` of a tokenizer.
        build_types: Its `create_token_type_ids_from_sequences`.
        build_mask: Its `get_special_tokens_mask`.
        added: How many special tokens an input gets.
    """

    build: Callable[..., Ids]
    build_types: Callable[..., Ids]
    build_mask: Callable[..., Ids]
    added: int

    def ids(self, first: Ids, second: Ids | None) -> Ids:
        """Return the token ids of the whole input."""
        return self.build(first) if second is None else self.build(first, second)

    def types(self, first: Ids, second: Ids | None) -> Ids:
        """Return the token type of each token of the whole input."""
        return self.build_types(first) if second is None else self.build_types(first, second)

    def special(self, first: Ids, second: Ids | None) -> Ids:
        """Return 1 for special tokens and 0 for the others, for the whole input."""
        return self.build_mask(first, second)


Span = tuple[int, int]


def template_around(ids: Ids, types: Ids, first: Span, second: Span | None) -> TemplateLayout:
    """Read a template off a whole input.

    Args:
        ids: Token ids of the input.
        types: Its token types.
        first: Where the first sequence, of at least one token, begins and ends.
        second: Where the second one does.
    """
    start, end = first
    if second is None:
        return TemplateLayout(ids[:start], [], ids[end:], types[:start], types[start], [], types[start], types[end:])
    next_start, next_end = second
    return TemplateLayout(
        before=ids[:start],
        between=ids[end:next_start],
        after=ids[next_end:],
        types_before=types[:start],
        type_first=types[start],
        types_between=types[end:next_start],
        type_second=types[next_start],
        types_after=types[next_end:],
    )


def template_from(build: Callable[..., Ids], build_types: Callable[..., Ids], pair: bool) -> TemplateLayout:
    """Find the template that functions follow, by calling them with sequences of one token each.

    Args:
        build: `build_inputs_with_special_tokens` of a tokenizer.
        build_types: Its `create_token_type_ids_from_sequences`.
        pair: Whether for two sequences.
    """
    first, second = -1, -2  # ids that no token has
    sequences = ([first], [second]) if pair else ([first],)
    ids, types = build(*sequences), build_types(*sequences)
    start = ids.index(first)
    if not pair:
        return template_around(ids, types, (start, start + 1), None)
    next_start = ids.index(second)
    return template_around(ids, types, (start, start + 1), (next_start, next_start + 1))
