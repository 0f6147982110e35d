"""Norms of the vocabulary as modules."""
import torch
from torch import Tensor, nn

from formers import architecture
from formers.architecture import NoNorm, Norm, RMSNorm


class LayerNorm(nn.LayerNorm):
    """`torch.nn.LayerNorm`, with fewer calls in Python: a step of generation has dozens. *Shape:* `[..., hidden]`."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise."""
        return torch.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)


class RootMeanSquareNorm(nn.Module):
    """`x / rms(x) * weight`, with the mean square in float32. *Shape:* `[..., hidden]`."""

    def __init__(self, hidden: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        """Divide by the root mean square."""
        if x.dtype is self.weight.dtype:
            return torch.rms_norm(x, self.weight.shape, self.weight, self.eps)
        mean_square = x.float().pow(2).mean(-1, keepdim=True)
        return self.weight * (x * torch.rsqrt(mean_square + self.eps)).to(self.weight.dtype)


class Affine(nn.Module):
    """`x * weight + bias`. *Shape:* `[..., hidden]`."""

    def __init__(self, hidden: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden))
        self.bias = nn.Parameter(torch.zeros(hidden))

    def forward(self, x: Tensor) -> Tensor:
        """Scale and shift."""
        return x * self.weight + self.bias


def build_norm(norm: Norm, hidden: int) -> nn.Module:
    """The module of a norm over vectors of length `hidden`."""
    match norm:
        case architecture.LayerNorm(eps):
            return LayerNorm(hidden, eps)
        case RMSNorm(eps):
            return RootMeanSquareNorm(hidden, eps)
        case NoNorm():
            return Affine(hidden)
