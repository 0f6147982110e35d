"""The feed-forward block."""
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import FeedForward as FeedForwardSpec

from .activations import get_activation
from .chunking import apply_chunking_to_forward


class FeedForward(nn.Module):
    """Two linear maps with an activation between. *Shape:* `[batch, seq, hidden]` in and out."""

    def __init__(self, spec: FeedForwardSpec, hidden: int):
        super().__init__()
        if spec.gated:
            raise NotImplementedError("the PyTorch backend has no gated feed-forward block")
        self.spec = spec
        self.activation = get_activation(spec.activation)
        self.up = nn.Linear(hidden, spec.size, spec.bias)
        self.down = nn.Linear(spec.size, hidden, spec.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Compute the block, over slices of the sequence if the spec says so."""
        return apply_chunking_to_forward(self.spec.chunk_size, 1, self._compute, x)

    def _compute(self, x: Tensor) -> Tensor:
        inner = F.dropout(self.activation(self.up(x)), self.spec.dropout, self.training)
        return self.down(inner)
