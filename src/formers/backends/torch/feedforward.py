"""The feed-forward block."""
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import FeedForward as FeedForwardSpec

from .activations import get_activation
from .chunking import apply_chunking_to_forward
from .linear import Linear


class FeedForward(nn.Module):
    """Two linear maps with an activation between; the first of a gated block is a product of two.

    *Shape:* `[batch, seq, hidden]` in and out.
    """

    def __init__(self, spec: FeedForwardSpec, hidden: int):
        super().__init__()
        self.spec = spec
        self.activation = get_activation(spec.activation)
        if spec.gated:
            self.gate = Linear(hidden, spec.size, spec.bias)
            self.linear = Linear(hidden, spec.size, spec.bias)
        else:
            self.up = Linear(hidden, spec.size, spec.bias)
        self.down = Linear(spec.size, hidden, spec.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the block, over slices of the sequence if the spec says so."""
        if not self.spec.chunk_size:
            return self._compute(x)
        return apply_chunking_to_forward(self.spec.chunk_size, 1, self._compute, x)

    def _compute(self, x: Tensor) -> Tensor:
        inner = self.activation(self.gate(x)) * self.linear(x) if self.spec.gated else self.activation(self.up(x))
        return self.down(F.dropout(inner, self.spec.dropout) if self.training else inner)
