"""Bookkeeping of beam search: the beams of every row, and the finished sequences."""
from __future__ import annotations

from typing import Any

from .options import Options

NEVER = float("-inf")


class Beams:
    """Finished sequences and running beams of a batch.

    Args:
        ops: operations of the backend.
        options: the options.
        ids: a beam's tokens, with room for all to come. *Shape:* `[batch * beams, max_length]`.
        like: any tensor of scores.
    """

    def __init__(self, ops: Any, options: Options, ids: Any, like: Any):
        self.ops = ops
        self.options = options
        self.size = options.num_beams
        self.batch = ids.shape[0] // self.size
        # Beams start alike: but for sampling, the first alone counts.
        shape = (self.batch, self.size)
        behind = ops.full(shape, 0.0 if options.do_sample else -1e9, like)
        self.scores = ops.where(ops.arange(self.size, like)[None] == 0, 0.0, behind)
        self.done = ops.full((self.batch,), 0, ids) > 0
        self._sequences = ops.reshape(ids, (*shape, -1))
        self._lengths = ops.full(shape, 0, ids)
        self._ratings = ops.full(shape, NEVER, like)

    def advance(self, scores: Any, chosen: Any, vocabulary: int, ids: Any, length: int) -> tuple[Any, Any, Any]:
        """Take the next candidates: the finished ones to the finished sequences, the best others as new beams.

        Args:
            scores: scores of twice as many candidates as there are beams, the best first.
                *Shape:* `[batch, 2 * beams]`.
            chosen: their indices in the scores of all beams, side by side. *Shape:* `[batch, 2 * beams]`.
            vocabulary: number of scores a beam.
            ids: tokens of the beams. *Shape:* `[batch * beams, max_length]`.
            length: number of tokens so far.

        Returns:
            For every new beam: the row it goes on from, its next token, both *shape* `[batch * beams]`; and whether
            all rows are done.
        """
        ops, options = self.ops, self.options
        parents, tokens = ops.divmod(chosen, vocabulary)
        ranks = ops.arange(2 * self.size, chosen)
        if options.eos_token_id is None:
            picked = ranks[None, : self.size] + ops.full((self.batch, 1), 0, ids)
        else:
            ends = tokens == options.eos_token_id
            self._finish(ends & (ranks < self.size) & ~self.done[:, None], scores, parents, ids, length)
            late = ops.where(ends, 2 * self.size, 0)  # every beam has one end, so that enough others are left
            picked = ops.argsort(ranks[None] + late)[:, : self.size]
        self._judge(scores, length)
        self.scores = ops.take_along_axis(scores, picked)
        offset = ops.arange(self.batch, chosen)[:, None] * self.size
        rows = ops.reshape(ops.take_along_axis(parents, picked) + offset, (-1,))
        return rows, ops.reshape(ops.take_along_axis(tokens, picked), (-1,)), ops.as_bool(ops.all(self.done))

    def finish(self, ids: Any, length: int) -> Any:
        """Return the best sequences; the running beams of rows that are not done count too.

        Returns:
            *Shape:* `[batch * returned, length]`.
        """
        ops, options = self.ops, self.options
        parents = ops.arange(self.size, ids)[None] + ops.full((self.batch, 1), 0, ids)
        self._finish(~self.done[:, None] & (parents >= 0), self.scores, parents, ids, length)
        rows = self.batch * options.returned
        sequences = ops.reshape(self._sequences[:, : options.returned], (rows, -1))
        lengths = ops.reshape(self._lengths[:, : options.returned], (rows,))
        shortest, longest = ops.as_int(ops.min(lengths)), ops.as_int(ops.max(lengths))
        if shortest == longest:
            return sequences[:, :longest]
        width = min(longest + 1, options.max_length)
        sequences, positions = sequences[:, :width], ops.arange(width, ids)[None]
        # The end was not written to the finished sequences.
        end = options.filler if options.eos_token_id is None else options.eos_token_id
        tail = ops.where(positions == lengths[:, None], end, options.filler)
        return ops.where(positions < lengths[:, None], sequences, tail)

    def _finish(self, ends: Any, scores: Any, parents: Any, ids: Any, length: int) -> None:
        """Take sequences up among the finished ones if they are better than those."""
        ops = self.ops
        if not ops.as_bool(ops.any(ends)):
            return
        ratings = ops.where(ends, scores / length**self.options.length_penalty, NEVER)
        running = ops.reshape(ids, (self.batch, self.size, -1))
        candidates = ops.concat([self._sequences, ops.take_positions(running, parents)], 1)
        lengths = ops.concat([self._lengths, parents * 0 + length], 1)
        self._ratings, best = ops.top_k(ops.concat([self._ratings, ratings], 1), self.size)
        self._sequences = ops.take_positions(candidates, best)
        self._lengths = ops.take_along_axis(lengths, best)

    def _judge(self, scores: Any, length: int) -> None:
        """Note which rows are done: those with enough sequences, and none that runs can become better."""
        ops = self.ops
        worst = self._ratings[:, -1]
        enough = worst > NEVER
        if not self.options.early_stopping:
            best = ops.max(scores, -1) / length**self.options.length_penalty
            enough = enough & (worst >= best)
        self.done = self.done | enough
