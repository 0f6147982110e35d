"""Heads that find an answer with the start in view of the end (XLNet, XLM), for custom models."""
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers.configuration import PretrainedConfig


def _ruled_out(scores: Tensor, p_mask: Tensor | None) -> Tensor:
    """Give positions with 1 in `p_mask` a score that no answer has."""
    if p_mask is None:
        return scores
    least = -65504.0 if scores.dtype == torch.float16 else -1e30
    return scores * (1 - p_mask) + least * p_mask


def _states_at(hidden_states: Tensor, positions: Tensor) -> Tensor:
    """Return one state of each row. *Shape:* `[batch, seq, hidden]` and `[batch]` to `[batch, hidden]`."""
    return hidden_states.gather(1, positions[:, None, None].expand(-1, 1, hidden_states.shape[-1]))[:, 0]


def _check_start(start_states: Tensor | None, start_positions: Tensor | None) -> None:
    if start_states is None and start_positions is None:
        raise AssertionError("pass start_states or start_positions: found neither")


class PoolerStartLogits(nn.Module):
    """Scores of positions as the start of the answer.

    Args:
        config: has `hidden_size`.
    """

    def __init__(self, config: PretrainedConfig):
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, 1)

    def forward(self, hidden_states: Tensor, p_mask: Tensor | None = None) -> Tensor:
        """Score.

        Args:
            hidden_states: *Shape:* `[batch, seq, hidden]`.
            p_mask: 1 for positions that are ruled out. *Shape:* `[batch, seq]`.

        Returns:
            *Shape:* `[batch, seq]`.
        """
        return _ruled_out(self.dense(hidden_states).squeeze(-1), p_mask)


class PoolerEndLogits(nn.Module):
    """Scores of positions as the end of the answer, given its start.

    Args:
        config: has `hidden_size` and `layer_norm_eps`.
    """

    def __init__(self, config: PretrainedConfig):
        super().__init__()
        self.dense_0 = nn.Linear(config.hidden_size * 2, config.hidden_size)
        self.activation = nn.Tanh()
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dense_1 = nn.Linear(config.hidden_size, 1)

    def forward(
        self,
        hidden_states: Tensor,
        start_states: Tensor | None = None,
        start_positions: Tensor | None = None,
        p_mask: Tensor | None = None,
    ) -> Tensor:
        """Score.

        Args:
            hidden_states: *Shape:* `[batch, seq, hidden]`; `[batch, seq, starts, hidden]` for several starts.
            start_states: the states at the start, of the shape of `hidden_states`.
            start_positions: the start, in place of its states. *Shape:* `[batch]`.
            p_mask: 1 for positions that are ruled out. *Shape:* `[batch, seq]`, or with a last axis of 1.

        Returns:
            *Shape:* `[batch, seq]` or `[batch, seq, starts]`.

        Raises:
            AssertionError: nothing says where the answer starts.
        """
        _check_start(start_states, start_positions)
        if start_positions is not None:
            start_states = _states_at(hidden_states, start_positions)[:, None].expand_as(hidden_states)
        assert start_states is not None
        x = self.LayerNorm(self.activation(self.dense_0(torch.cat([hidden_states, start_states], -1))))
        return _ruled_out(self.dense_1(x).squeeze(-1), p_mask)


class PoolerAnswerClass(nn.Module):
    """The score that the text holds no answer.

    Args:
        config: has `hidden_size`.
    """

    def __init__(self, config: PretrainedConfig):
        super().__init__()
        self.dense_0 = nn.Linear(config.hidden_size * 2, config.hidden_size)
        self.activation = nn.Tanh()
        self.dense_1 = nn.Linear(config.hidden_size, 1, bias=False)

    def forward(
        self,
        hidden_states: Tensor,
        start_states: Tensor | None = None,
        start_positions: Tensor | None = None,
        cls_index: Tensor | None = None,
    ) -> Tensor:
        """Score.

        Args:
            hidden_states: *Shape:* `[batch, seq, hidden]`.
            start_states: the states at the start. *Shape:* `[batch, hidden]`.
            start_positions: the start, in place of its states. *Shape:* `[batch]`.
            cls_index: position of the classification token; the last one by default. *Shape:* `[batch]`.

        Returns:
            *Shape:* `[batch]`.

        Raises:
            AssertionError: nothing says where the answer starts.
        """
        _check_start(start_states, start_positions)
        if start_positions is not None:
            start_states = _states_at(hidden_states, start_positions)
        assert start_states is not None
        whole = hidden_states[:, -1] if cls_index is None else _states_at(hidden_states, cls_index)
        return self.dense_1(self.activation(self.dense_0(torch.cat([start_states, whole], -1)))).squeeze(-1)


class SQuADHead(nn.Module):
    """Start, end, and whether there is an answer.

    Args:
        config: has `start_n_top` and `end_n_top`, the numbers of starts, and of ends for each, that are given.
    """

    def __init__(self, config: Any):
        super().__init__()
        self.start_n_top = config.start_n_top
        self.end_n_top = config.end_n_top
        self.start_logits = PoolerStartLogits(config)
        self.end_logits = PoolerEndLogits(config)
        self.answer_class = PoolerAnswerClass(config)

    def forward(
        self,
        hidden_states: Tensor,
        start_positions: Tensor | None = None,
        end_positions: Tensor | None = None,
        cls_index: Tensor | None = None,
        is_impossible: Tensor | None = None,
        p_mask: Tensor | None = None,
    ) -> tuple[Tensor, ...]:
        """Compute the loss where start and end are given, else the best answers.

        Args:
            hidden_states: *Shape:* `[batch, seq, hidden]`.
            start_positions, end_positions: the answer. *Shape:* `[batch]`; a last axis of 1 is removed, in place.
            cls_index: position of the classification token; the last one by default. *Shape:* `[batch]`.
            is_impossible: 1 where there is no answer; its loss counts half. *Shape:* `[batch]`.
            p_mask: 1 for positions that are ruled out. *Shape:* `[batch, seq]`.

        Returns:
            `(loss,)`, or the probabilities and positions of the best starts, *shape* `[batch, start_n_top]`, those of
            the best ends of each start, *shape* `[batch, start_n_top * end_n_top]`, and the score that there is no
            answer, *shape* `[batch]`.
        """
        starts = self.start_logits(hidden_states, p_mask)
        if start_positions is not None and end_positions is not None:
            for given in (start_positions, end_positions, cls_index, is_impossible):
                if given is not None and given.dim() > 1:
                    given.squeeze_(-1)
            ends = self.end_logits(hidden_states, start_positions=start_positions, p_mask=p_mask)
            loss = (F.cross_entropy(starts, start_positions) + F.cross_entropy(ends, end_positions)) / 2
            if cls_index is not None and is_impossible is not None:
                score = self.answer_class(hidden_states, start_positions=start_positions, cls_index=cls_index)
                loss = loss + 0.5 * F.binary_cross_entropy_with_logits(score, is_impossible)
            return (loss,)
        probabilities = starts.softmax(-1)
        start_values, start_index = probabilities.topk(self.start_n_top, dim=-1)
        index = start_index[..., None].expand(-1, -1, hidden_states.shape[-1])
        start_states = hidden_states.gather(1, index)[:, None].expand(-1, hidden_states.shape[1], -1, -1)
        several = hidden_states[:, :, None].expand_as(start_states)
        ruled_out = None if p_mask is None else p_mask[..., None]
        ends = self.end_logits(several, start_states=start_states, p_mask=ruled_out)
        end_values, end_index = ends.softmax(1).topk(self.end_n_top, dim=1)
        mean_start = torch.einsum("blh,bl->bh", hidden_states, probabilities)
        score = self.answer_class(hidden_states, start_states=mean_start, cls_index=cls_index)
        return start_values, start_index, end_values.flatten(1), end_index.flatten(1), score
