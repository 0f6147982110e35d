"""Learned biases on attention scores by bucketed distance (T5)."""
import torch
from torch import Tensor, nn

from formers.architecture import Bucketed
from formers.architecture.buckets import bucket_of_distance


class PositionBias(nn.Module):
    """A bias on the scores for every head and every bucket of distances (Raffel et al., 2020).

    Half of the buckets hold one distance each; the others grow with the logarithm up to `max_distance`, and the last
    one holds all that is farther.

    Args:
        spec: the numbers.
        heads: number of heads.
    """

    def __init__(self, spec: Bucketed, heads: int):
        super().__init__()
        self.spec = spec
        self.table = nn.Embedding(spec.buckets, heads)
        # It follows the model to its device at the first use there.
        self._buckets = torch.from_numpy(bucket_of_distance(spec))

    def forward(self, start: int, queries: int, keys: int) -> Tensor:
        """The biases of queries at `start`, `start + 1`, ... on keys at 0, 1, ...

        *Shape:* `[1, heads, queries, keys]`.
        """
        device = self.table.weight.device
        if self._buckets.device != device:
            self._buckets = self._buckets.to(device)
        query = torch.arange(start, start + queries, device=device)
        key = torch.arange(keys, device=device)
        farthest = self.spec.max_distance
        distance = (key - query[:, None]).clamp_(-farthest, farthest) + farthest
        return self.table(self._buckets[distance]).permute(2, 0, 1)[None]
