"""Weights in the order in which oneDNN's products read them: the same values, quicker for few rows.

A product sorts a plain matrix again in every call; for some ten rows (a short sentence, a step of generation for
several texts or beams) that takes as long as the product itself.
"""
from typing import Any

import torch
from torch import Tensor, nn

from .fixed import FixedLinear, FixedTable, FixedWeight, fix_

ROWS = 32
"""The order is the best one for as many rows; it was within a tenth of the best for all counts from 1 to 1,000."""


class PackedWeight(FixedWeight):
    """A packed matrix.

    Args:
        weight: *Shape:* `[out, in]`.
    """

    form = "packed"
    without = "without packed=True"

    def __init__(self, weight: Tensor):
        super().__init__(weight)
        self._packed = _pack(weight)

    def values(self) -> Tensor:
        """Return a copy of the matrix. *Shape:* `[out, in]`."""
        return self._packed.to_dense()

    def multiply(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Compute `x @ weight.T + bias`. *Shape:* `[..., in]` to `[..., out]`."""
        if not x.numel():
            return x.new_empty(*x.shape[:-1], self.out_features)
        given = x.reshape(-1, self.in_features).float()
        y = torch.ops.mkldnn._linear_pointwise(given, self._packed, bias, "none", [], "")
        return y.to(x.dtype).view(*x.shape[:-1], self.out_features)

    def check_move(self, to: Tensor) -> None:
        """See `FixedWeight`."""
        super().check_move(to)
        if to.dtype != torch.float32:
            raise ValueError(f"weights that are packed stay in float32; found {to.dtype}: load {self.without}")

    def __getstate__(self) -> dict[str, Any]:
        """Return the state with plain matrices: packed ones cannot be written or copied."""
        return self.__dict__ | {"_packed": self.values()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state | {"_packed": _pack(state["_packed"])})


class PackedLinear(FixedLinear, PackedWeight):
    """A linear layer with a packed weight. *Shape:* `[..., in]` to `[..., out]`."""


class PackedTable(FixedTable, PackedWeight):
    """Token embeddings, packed for scoring tokens and plain for looking them up.

    *Shape:* ids `[...]` to `[..., size]`.
    """

    def __init__(self, table: nn.Embedding):
        super().__init__(table)
        self.register_buffer("_rows", table.weight.detach(), persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Look token embeddings up."""
        rows: Any = self._rows
        return rows[ids]


def check_packed(dtype: torch.dtype) -> None:
    """Raise if weights cannot be packed.

    Raises:
        ValueError: not for this type.
        RuntimeError: this PyTorch has no products for it.
    """
    if dtype != torch.float32:
        raise ValueError(f"packed=True computes in float32, and dtype is {dtype}: leave one of them out")
    if not torch.backends.mkldnn.is_available() or not hasattr(torch.ops.mkldnn, "_reorder_linear_weight"):
        raise RuntimeError(
            f"packed=True needs oneDNN's linear layers, which this build of PyTorch ({torch.__version__}) has not: "
            "load the model without it"
        )


def pack_(model: nn.Module) -> None:
    """Pack the weights of a model's linear layers, in place."""
    fix_(model, PackedLinear, PackedTable, every_table=False)


def _pack(weight: Tensor) -> Tensor:
    return torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), ROWS)
