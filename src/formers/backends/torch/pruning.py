"""Linear maps with some rows or columns kept."""
import torch
from torch import Tensor, nn

from .linear import Linear


class Conv1D(nn.Module):
    """A linear map that stores its weight as `[in, out]` (the layout of GPT and GPT-2 checkpoints).

    Args:
        nf: number of outputs.
        nx: number of inputs.
    """

    def __init__(self, nf: int, nx: int):
        super().__init__()
        self.nf = nf
        self.weight = nn.Parameter(torch.empty(nx, nf).normal_(std=0.02))
        self.bias = nn.Parameter(torch.zeros(nf))

    def forward(self, x: Tensor) -> Tensor:
        """`x @ weight + bias`. *Shape:* `[..., nx]` to `[..., nf]`."""
        return torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight).view(*x.shape[:-1], self.nf)


def prune_linear_layer(layer: nn.Linear, index: Tensor, dim: int = 0) -> Linear:
    """A linear map with the outputs (`dim=0`) or inputs (`dim=1`) of `index` only."""
    weight = layer.weight.detach().index_select(dim, index)
    pruned = Linear(weight.shape[1], weight.shape[0], layer.bias is not None, device="meta")
    pruned.weight = nn.Parameter(weight, layer.weight.requires_grad)
    if layer.bias is not None:
        bias = layer.bias.detach()
        pruned.bias = nn.Parameter(bias[index] if dim == 0 else bias.clone(), layer.bias.requires_grad)
    return pruned.train(layer.training)


def prune_conv1d_layer(layer: Conv1D, index: Tensor, dim: int = 1) -> Conv1D:
    """A `Conv1D` with the outputs (`dim=1`) or inputs (`dim=0`) of `index` only."""
    weight = layer.weight.detach().index_select(dim, index)
    pruned = Conv1D(weight.shape[1], weight.shape[0])
    bias = layer.bias.detach()
    pruned.weight = nn.Parameter(weight, layer.weight.requires_grad)
    pruned.bias = nn.Parameter(bias[index] if dim == 1 else bias.clone(), layer.bias.requires_grad)
    return pruned.train(layer.training)


def prune_layer(layer: nn.Linear | Conv1D, index: Tensor, dim: int | None = None) -> nn.Linear | Conv1D:
    """Keep the entries of `index` along `dim` of a layer (its outputs by default).

    Raises:
        ValueError: the layer is of another kind.
    """
    if isinstance(layer, nn.Linear):
        return prune_linear_layer(layer, index, 0 if dim is None else dim)
    if isinstance(layer, Conv1D):
        return prune_conv1d_layer(layer, index, 1 if dim is None else dim)
    raise ValueError(f"can prune Linear and Conv1D layers, not {type(layer).__name__}")
