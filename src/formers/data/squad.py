"""Questions on texts in the form of the SQuAD data set, and the windows in which a model reads long contexts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

# What separates words, as in the data set's own evaluation script (and the narrow no-break space).
_WORD = re.compile("[^ \t\r\n\u202f]+")


class SquadExample:
    """A question, the context to find the answer in, and, where known, the answer.

    Args:
        qas_id: Name of the question.
        question_text: The question.
        context_text: The text in which the answer is.
        answer_text: The answer, or None.
        start_position_character: Index in the context at which the answer begins, or None.
        title: Title of the context.
        answers: All accepted answers, dicts with `text` and `answer_start`.
        is_impossible: Whether the context has no answer.

    Attributes:
        doc_tokens: The context's words, split at whitespace.
        char_to_word_offset: Word of each character; whitespace belongs to the word before it, -1 before the first.
        start_position: First word of the answer, 0 if unknown.
        end_position: Last word of the answer, 0 if unknown.
    """

    def __init__(
        self,
        qas_id: str | None,
        question_text: str,
        context_text: str,
        answer_text: str | None,
        start_position_character: int | None,
        title: str | None,
        answers: Sequence[dict[str, Any]] = (),
        is_impossible: bool = False,
    ) -> None:
        self.qas_id = qas_id
        self.question_text = question_text
        self.context_text = context_text
        self.answer_text = answer_text
        self.title = title
        self.is_impossible = is_impossible
        self.answers = list(answers)
        matches = list(_WORD.finditer(context_text))
        self.doc_tokens = [match.group() for match in matches]
        self._starts = np.array([match.start() for match in matches], dtype=np.int64)
        self.start_position, self.end_position = 0, 0
        if start_position_character is not None and answer_text is not None and not is_impossible:
            last = min(start_position_character + len(answer_text), len(context_text)) - 1
            self.start_position = self.char_to_word_offset[start_position_character]
            self.end_position = self.char_to_word_offset[last]

    @cached_property
    def char_to_word_offset(self) -> list[int]:
        """Word of each character of the context."""
        characters = np.arange(len(self.context_text))
        return (np.searchsorted(self._starts, characters, side="right") - 1).tolist()

    def span(self, first_word: int, last_word: int) -> tuple[int, int]:
        """Return where some words stand in the context, the whitespace after them included.

        Args:
            first_word: Index of the first word.
            last_word: Index of the last word.

        Returns:
            Indices of the first and of the last character.
        """
        ends_text = last_word + 1 == len(self._starts)
        stop = len(self.context_text) if ends_text else int(self._starts[last_word + 1])
        return int(self._starts[first_word]), stop - 1

    def __repr__(self) -> str:
        return f"SquadExample(qas_id={self.qas_id!r}, question_text={self.question_text!r})"


@dataclass(frozen=True)
class ContextTokens:
    """A context's tokens.

    Attributes:
        ids: Token ids, int64 `[tokens]`.
        words: Word of each token, int64 `[tokens]`.
    """

    ids: np.ndarray
    words: np.ndarray


def tokenize_contexts(examples: Sequence[SquadExample], tokenizer: Any) -> Iterator[ContextTokens]:
    """Tokenize the contexts word by word, so that each token has a word; every distinct word once for all contexts.

    Args:
        examples: The examples.
        tokenizer: A tokenizer of this library.

    Yields:
        The tokens of each example's context.
    """
    index = {word: index for index, word in enumerate(dict.fromkeys(w for e in examples for w in e.doc_tokens))}
    pieces: list[list[int]] = []
    if index:
        pieces = tokenizer(
            list(index),
            add_special_tokens=False,
            return_attention_mask=False,
            return_token_type_ids=False,
            verbose=False,
        )["input_ids"]
    for example in examples:
        parts = [pieces[index[word]] for word in example.doc_tokens]
        counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
        ids = np.concatenate([np.asarray(part, dtype=np.int64) for part in parts]) if parts else counts
        yield ContextTokens(ids, np.repeat(np.arange(len(parts)), counts))


@dataclass(frozen=True)
class ContextWindow:
    """A question with the part of its context that fits into the model.

    Attributes:
        input_ids: Token ids with special tokens, not padded.
        token_type_ids: Segment of each token.
        first: Index of the window's first token among the context's tokens.
        size: How many of the context's tokens the window has.
        offset: Where they begin in `input_ids`.
    """

    input_ids: list[int]
    token_type_ids: list[int]
    first: int
    size: int
    offset: int


def context_windows(
    question_ids: Sequence[int], context: ContextTokens, tokenizer: Any, max_length: int, stride: int
) -> list[ContextWindow]:
    """Cut a context into overlapping windows, each behind the question (before it if the tokenizer pads on the left).

    Args:
        question_ids: The question's tokens, without special tokens.
        context: The context's tokens.
        tokenizer: A tokenizer of this library.
        max_length: Most tokens of a window, question and special tokens included.
        stride: Tokens from the start of a window to the start of the next one; more than a window holds would leave
            gaps and counts as what it holds.

    Raises:
        ValueError: If the question leaves no room for the context.
    """
    question = list(question_ids)
    left = tokenizer.padding_side == "left"
    room = max_length - len(question) - tokenizer.num_special_tokens_to_add(pair=True)
    if room < 1:
        raise ValueError(
            f"a window of {max_length} tokens is full with the question ({len(question)} tokens) and "
            "the special tokens: raise max_seq_len or lower max_question_len"
        )
    stride = min(stride, room)
    # Where the second part begins: the question's length and the special tokens around it.
    probe = tokenizer.build_inputs_with_special_tokens([-1] if left else question, question if left else [-1])
    offset = probe.index(-1)
    windows = []
    for first in range(0, max(len(context.ids) - room + stride, 1), stride):
        part = context.ids[first : first + room].tolist()
        pair = (part, question) if left else (question, part)
        windows.append(
            ContextWindow(
                tokenizer.build_inputs_with_special_tokens(*pair),
                tokenizer.create_token_type_ids_from_sequences(*pair),
                first,
                len(part),
                offset,
            )
        )
    return windows
