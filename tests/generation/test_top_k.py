"""The greatest entries of wide rows, which are looked for in groups."""

import pytest
import torch

from formers.backends.torch import ops


@pytest.mark.parametrize("shape", [(3, 8 * 8 * ops.GROUP), (2, 50_257), (1, 4 * 32_128), (2, 999)], ids=str)
def test_indices_and_values(shape: tuple[int, int]) -> None:
    scores = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    scores[0, -3:] = torch.tensor([7.0, 9.0, 8.0])  # behind the last whole group, where there is one
    scores[-1, 5:8] = torch.tensor([11.0, 13.0, 12.0])  # several of one group
    values, indices = ops.top_k(scores, 8)
    expected, order = scores.sort(descending=True)
    assert torch.equal(values, expected[:, :8]) and torch.equal(indices, order[:, :8])


def test_rows_with_little_left() -> None:
    scores = torch.full((2, 40_000), -torch.inf)
    scores[0, [5, 39_999]] = torch.tensor([1.0, 2.0])
    values, indices = ops.top_k(scores, 6)
    assert indices[0, :2].tolist() == [39_999, 5] and values[0, :2].tolist() == [2.0, 1.0]
    assert all(len(set(row)) == 6 for row in indices.tolist()) and values[:, 2:].isneginf().all()
