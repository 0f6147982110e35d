"""Rules on scores: what must not come next, and what should not.

All functions take the `ops` of a backend and tensors of it: `ids` *shape* `[rows, length]`, the tokens so far, and
scores *shape* `[rows, vocabulary]`.
"""
from __future__ import annotations

from typing import Any

from .options import Options

NEVER = float("-inf")


class Rules:
    """The rules of one call of `generate()`.

    Args:
        ops: operations of the backend.
        options: the options.
        counted: 1 where the first tokens count, 0 where they are padding; None if all do.
            *Shape:* `[rows, start]`.
    """

    def __init__(self, ops: Any, options: Options, counted: Any = None):
        self.ops = ops
        self.options = options
        self.counted = counted
        self._single: Any = None
        words = options.bad_words_ids or ()
        self._singles = sorted({word[0] for word in words if len(word) == 1})
        self._phrases = [tuple(word) for word in words if len(word) > 1]

    def penalize(self, logits: Any, ids: Any) -> Any:
        """Make tokens that were there already less likely (Keskar et al., 2019)."""
        penalty = self.options.repetition_penalty
        if penalty == 1.0:
            return logits
        seen = self.ops.occurrences(ids, self._counted(ids), logits.shape[-1])
        return self.ops.where(seen, self.ops.where(logits < 0, logits * penalty, logits / penalty), logits)

    def forbid(self, scores: Any, ids: Any, passing: bool = False) -> Any:
        """Give a score of minus infinity to the end that comes too early, to repeated n-grams and to bad words.

        With `passing` nobody else looks at the scores: they may be changed in place.
        """
        ops, options = self.ops, self.options
        length, vocabulary = ids.shape[1], scores.shape[-1]
        end = options.eos_token_id
        if end is not None and end < vocabulary and length < options.min_length:
            if passing:
                scores = ops.fill_column(scores, end, NEVER)
            else:
                scores = ops.where(ops.arange(vocabulary, scores) == end, NEVER, scores)
        size = options.no_repeat_ngram_size
        if size and length >= size:
            scores = ops.where(self._closing(ids, size, vocabulary), NEVER, scores)
        if self._singles:
            if self._single is None:
                self._single = ops.isin(ops.arange(vocabulary, scores), self._singles)
            scores = ops.where(self._single, NEVER, scores)
        for word in self._phrases:
            if length < len(word) - 1:
                continue
            tail = ids[:, length - len(word) + 1 :]
            fits = tail[:, :1] == word[0]
            for index in range(1, len(word) - 1):
                fits = fits & (tail[:, index : index + 1] == word[index])
            last = ops.arange(vocabulary, scores) == word[-1]
            scores = ops.where(fits & last[None], NEVER, scores)
        return scores

    def _closing(self, ids: Any, size: int, vocabulary: int) -> Any:
        """Return the tokens that would complete an n-gram for the second time. *Shape:* `[rows, vocabulary]`."""
        ops, length = self.ops, ids.shape[1]
        starts = length - size + 1
        fits = None
        counted = self._counted(ids)
        for offset in range(size - 1):
            same = ids[:, offset : offset + starts] == ids[:, length - size + 1 + offset : length - size + 2 + offset]
            fits = same if fits is None else fits & same
        if counted is not None:
            begins = counted[:, :starts]
            fits = begins if fits is None else fits & begins
        return ops.occurrences(ids[:, size - 1 : size - 1 + starts], fits, vocabulary)

    def _counted(self, ids: Any) -> Any:
        """Tell which tokens count, padded to those so far. *Shape:* `[rows, length]`, or None."""
        if self.counted is None:
            return None
        new = ids.shape[1] - self.counted.shape[1]
        return self.ops.concat([self.counted, self.ops.ones(self.counted, new)], 1) if new else self.counted


def filter_scores(
    ops: Any, scores: Any, top_k: int = 0, top_p: float = 1.0, filler: float = NEVER, keep: int = 1
) -> Any:
    """Keep the most likely tokens.

    Args:
        ops: operations of the backend.
        scores: *Shape:* `[rows, vocabulary]`.
        top_k: number of tokens to keep; 0 for all.
        top_p: keep the smallest set of the most likely tokens whose probability exceeds this (Holtzman et al., 2019).
        filler: score of the others.
        keep: number of tokens to keep in any case.
    """
    if top_k > 0:
        kept = min(max(top_k, keep), scores.shape[-1])
        values, _ = ops.top_k(scores, kept)
        scores = ops.where(scores < values[..., -1:], filler, scores)
    if top_p < 1.0:
        ordered, order = ops.sort(scores)
        above = ops.cumsum(ops.softmax(ordered)) > top_p
        index = ops.arange(scores.shape[-1], scores)
        if keep > 1:
            above = above & (index >= keep)
        # The token that exceeds the bound is kept itself.
        removed = ops.concat([above[..., :1] & (index[:1] > 0), above[..., :-1]], -1)
        scores = ops.where(ops.restore_order(removed, order), filler, scores)
    return scores
