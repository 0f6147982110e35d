"""The parts of `generate()` that old code imports: a heap of beams, and tokens that must not come next.

The library itself searches with tensors for a whole batch (`formers.generation`); these work on one sequence after the
other, as documented, and take the tensors of either framework.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any


class BeamHypotheses:
    """The best finished sequences of one input.

    Args:
        num_beams: How many to keep.
        max_length: Most tokens of a sequence, the first one included.
        length_penalty: Exponent of the length by which a sum of log-probabilities is divided.
        early_stopping: Whether to be done as soon as there are enough sequences.

    Attributes:
        beams: Pairs of score and sequence, in the order in which they came.
        worst_score: Lowest of the scores, 1e9 while there are none.
    """

    def __init__(self, num_beams: int, max_length: int, length_penalty: float, early_stopping: bool) -> None:
        self.max_length = max_length - 1  # without the first token
        self.length_penalty = length_penalty
        self.early_stopping = early_stopping
        self.num_beams = num_beams
        self.beams: list[tuple[float, Any]] = []
        self.worst_score: float = 1e9

    def __len__(self) -> int:
        """Return the number of sequences."""
        return len(self.beams)

    def add(self, hyp: Any, sum_logprobs: float) -> None:
        """Keep a sequence if it is among the best.

        Args:
            hyp: The sequence, of any kind that has a length: a tensor or list of token ids.
            sum_logprobs: Sum of its tokens' log-probabilities.
        """
        score = sum_logprobs / len(hyp) ** self.length_penalty
        if len(self) >= self.num_beams:
            if not score > self.worst_score:
                return
            worst = min(range(len(self.beams)), key=lambda index: self.beams[index][0])
            del self.beams[worst]
        self.beams.append((score, hyp))
        self.worst_score = min(kept for kept, _ in self.beams)

    def is_done(self, best_sum_logprobs: float, cur_len: int) -> bool:
        """Tell whether no sequence that still runs can become one of the best.

        Args:
            best_sum_logprobs: Largest sum of log-probabilities among them.
            cur_len: Their number of tokens.
        """
        if len(self) < self.num_beams:
            return False
        return self.early_stopping or self.worst_score >= best_sum_logprobs / cur_len**self.length_penalty


def calc_banned_ngram_tokens(
    prev_input_ids: Any, num_hypos: int, no_repeat_ngram_size: int, cur_len: int
) -> list[list[int]]:
    """Find the tokens that would complete an n-gram which a sequence has already.

    Args:
        prev_input_ids: Token ids so far, *shape* `[num_hypos, cur_len]`.
        num_hypos: Number of sequences.
        no_repeat_ngram_size: Length of the n-grams.
        cur_len: Number of tokens so far.

    Returns:
        Token ids for each sequence.
    """
    if cur_len + 1 < no_repeat_ngram_size:
        return [[] for _ in range(num_hypos)]
    before = no_repeat_ngram_size - 1
    banned = []
    for row in _rows(prev_input_ids)[:num_hypos]:
        last = row[cur_len - before : cur_len]
        starts = range(len(row) - before)
        banned.append([row[start + before] for start in starts if row[start : start + before] == last])
    return banned


def calc_banned_bad_words_ids(prev_input_ids: Any, bad_words_ids: Iterable[Sequence[int]]) -> list[list[int]]:
    """Find the tokens that would complete a bad word.

    Args:
        prev_input_ids: Token ids so far, *shape* `[sequences, length]`.
        bad_words_ids: Token ids of each bad word.

    Returns:
        Token ids for each sequence.

    Raises:
        ValueError: If a bad word has no tokens.
    """
    words = [list(word) for word in bad_words_ids]
    if not all(words):
        raise ValueError(f"bad_words_ids is {words}: every word must have at least one token")
    rows = _rows(prev_input_ids)
    return [[word[-1] for word in words if _ends_with(row, word[:-1])] for row in rows]


def _ends_with(row: list[int], tokens: list[int]) -> bool:
    return len(tokens) <= len(row) and row[len(row) - len(tokens) :] == tokens


def _rows(ids: Any) -> list[list[int]]:
    """Return token ids as lists of integers, whether they are a tensor, an array or lists."""
    if hasattr(ids, "tolist"):
        return ids.tolist()
    return ids.numpy().tolist() if hasattr(ids, "numpy") else [list(row) for row in ids]
