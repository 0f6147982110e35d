"""The leaves of the module tree: PyTorch's own modules, and those that the documented library has besides."""
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import LayerNorm, RMSNorm
from formers.architecture.sinusoids import sinusoids
from formers.network.weights import (
    Activation,
    CrossEntropy,
    Dropout,
    Embedding,
    FixedBias,
    Linear,
    Normalization,
    Sinusoids,
    Weight,
)

from .activations import get_activation


class Conv1D(nn.Module):
    """A linear layer that stores its weight as `[in, out]` (GPT and GPT-2).

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
        """Compute `x @ weight + bias`. *Shape:* `[..., nx]` to `[..., nf]`."""
        return torch.addmm(self.bias, x.reshape(-1, x.shape[-1]), self.weight).view(*x.shape[:-1], self.nf)


class T5LayerNorm(nn.Module):
    """Divide by the root mean square, which is computed in float32. *Shape:* `[..., hidden]`.

    Args:
        hidden_size: length of the vectors.
        eps: added to the mean square.
    """

    def __init__(self, hidden_size: int, eps: float = 1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(hidden_size))
        self.variance_epsilon = eps

    def forward(self, x: Tensor) -> Tensor:
        """Normalise. *Shape:* `[..., hidden]`."""
        if x.dtype is self.weight.dtype:
            return torch.rms_norm(x, self.weight.shape, self.weight, self.variance_epsilon)
        mean_square = x.float().pow(2).mean(-1, keepdim=True)
        return self.weight * (x * torch.rsqrt(mean_square + self.variance_epsilon)).to(self.weight.dtype)


class NoNorm(nn.Module):
    """Scale and shift, element by element: `x * weight + bias`. *Shape:* `[..., hidden]`."""

    def __init__(self, feat_size: int, eps: float | None = None):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(feat_size))
        self.bias = nn.Parameter(torch.zeros(feat_size))

    def forward(self, input_tensor: Tensor) -> Tensor:
        """Scale and shift."""
        return input_tensor * self.weight + self.bias


class Positional(nn.Embedding):
    """Embeddings of the positions of what they are called with."""

    offset = 0

    def forward(self, input_ids: Tensor, use_cache: bool = False) -> Tensor:
        """Look up the positions of ids.

        Args:
            input_ids: their shape alone is looked at. *Shape:* `[batch, seq]`.
            use_cache: look up the last position alone.

        Returns:
            *Shape:* `[seq, size]`, or `[1, 1, size]` with `use_cache`.
        """
        batch, length = input_ids.shape[:2]
        device = self.weight.device
        if use_cache:
            return super().forward(torch.full((1, 1), length - 1 + self.offset, device=device))
        return super().forward(torch.arange(length, device=device) + self.offset)


class InPlaceOfPositional:
    """What stands where a `Positional` is documented: it is called as one, with ids.

    Args:
        module: what stands there.
        offset: number of rows before that of the first position.
    """

    __slots__ = ("module", "offset")

    def __init__(self, module: nn.Module, offset: int):
        self.module, self.offset = module, offset


POSITIONAL = ("LearnedPositionalEmbedding", "SinusoidalPositionalEmbedding")
"""Names of the classes that are a `Positional`."""


class LearnedPositionalEmbedding(Positional):
    """Embeddings of the positions 0, 1, ..., after `offset` rows that are not positions.

    Args:
        num_embeddings: number of positions.
        embedding_dim: length of the vectors.
        padding_idx: row that is never trained.
        offset: number of rows before the first position.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, padding_idx: int, offset: int):
        assert padding_idx is not None, "LearnedPositionalEmbedding needs a padding_idx"
        super().__init__(num_embeddings + offset, embedding_dim, padding_idx)
        self.offset = offset


def freeze_as_sinusoids(table: nn.Embedding, layout: str) -> nn.Embedding:
    """Let a table hold sines and cosines of positions for good.

    Args:
        table: the table; it is changed.
        layout: see `formers.architecture.Sinusoid`.

    Returns:
        The table.
    """
    table.sinusoids = layout  # type: ignore[assignment]
    table.weight.requires_grad = False
    if not table.weight.is_meta:
        fill_with_sinusoids(table)
    return table


@torch.no_grad()
def fill_with_sinusoids(table: nn.Embedding) -> None:
    """Give the values to a table that `freeze_as_sinusoids` had."""
    rows, size = table.weight.shape
    table.weight.copy_(torch.from_numpy(sinusoids(rows, size, str(table.sinusoids))))


class SinusoidalPositionalEmbedding(Positional):
    """A frozen table of all sines before all cosines, looked up by position (BART, Marian).

    Args:
        num_positions: number of positions.
        embedding_dim: length of a row.
        padding_idx: without effect.
    """

    def __init__(self, num_positions: int, embedding_dim: int, padding_idx: int | None = None):
        if embedding_dim % 2:
            raise NotImplementedError(f"odd embedding_dim {embedding_dim} not supported")
        super().__init__(num_positions, embedding_dim)
        freeze_as_sinusoids(self, "halves")


def make_leaf(weight: Weight, kind: str) -> Any:
    """Make the module of a part.

    Args:
        weight: what it is.
        kind: name of a special class, or empty; `Tanh` and `ReLU` stand for these alone, other activations are
            functions.

    Returns:
        A module; a function for an activation of the kind `function`.
    """
    match weight:
        case Linear(inputs, outputs, bias, std):
            if kind == "Conv1D" and not bias:
                raise ValueError("a Conv1D has a bias, and the spec says that there is none")
            module: nn.Module = Conv1D(outputs, inputs) if kind == "Conv1D" else nn.Linear(inputs, outputs, bias)
            return _with_std(module, std)
        case Embedding(rows, size, std, padding, offset):
            if kind == "LearnedPositionalEmbedding":
                assert padding is not None, "the configuration needs a pad_token_id"
                return _with_std(LearnedPositionalEmbedding(rows - offset, size, padding, offset), std)
            return _with_std(nn.Embedding(rows, size, padding), std)
        case Sinusoids(rows, size, layout):
            if layout == "halves":
                return SinusoidalPositionalEmbedding(rows, size)
            if kind in POSITIONAL:
                raise ValueError(f"a {kind} cannot hold sinusoids in the layout {layout!r}: it needs 'halves'")
            return freeze_as_sinusoids(nn.Embedding(rows, size), layout)
        case Normalization(LayerNorm(eps), size):
            return nn.LayerNorm(size, eps)
        case Normalization(RMSNorm(eps), size):
            return T5LayerNorm(size, eps)
        case Normalization(_, size):
            return NoNorm(size)
        case Dropout(rate):
            if kind == "number":
                return rate
            return nn.Identity() if kind == "Identity" and not rate else nn.Dropout(rate)
        case Activation(name):
            if not name:
                return nn.Identity()
            return getattr(nn, kind)() if kind and kind.lower() == name else get_activation(name)
        case FixedBias(size):
            return torch.zeros(1, size)
        case CrossEntropy():
            return nn.CrossEntropyLoss()
    raise TypeError(f"no module is known for {weight!r}")


def _with_std(module: nn.Module, std: float) -> nn.Module:
    module.init_std = std  # type: ignore[assignment]
    return module


@torch.no_grad()
def initialize(module: nn.Module, std: float) -> None:
    """Give the weights that a leaf has by itself new values; other modules stay as they are.

    Args:
        module: any module.
        std: the standard deviation, where the part has none of its own.
    """
    if "sinusoids" in module.__dict__:
        fill_with_sinusoids(module)  # type: ignore[arg-type]
    elif isinstance(module, nn.Linear | nn.Embedding | Conv1D):
        module.weight.normal_(0.0, float(getattr(module, "init_std", std)))
    elif isinstance(module, nn.LayerNorm | T5LayerNorm | NoNorm):
        module.weight.fill_(1.0)
    bias = module._parameters.get("bias")
    if bias is not None and isinstance(module, nn.Linear | Conv1D | nn.LayerNorm | NoNorm):
        bias.zero_()
