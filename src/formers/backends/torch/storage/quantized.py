"""Weights rounded to eight bits: a third of the memory, and less to read for every generated token.

Each row of a weight (an output of the layer, a token) has one scale. Only weights are rounded: the inputs
enter the products as two numbers of seven bits each, one for the first digits and one for the next, so that what their
rounding adds is about a hundredth of what the rounding of the weights does. The products are those of FBGEMM (Khudia et
al., 2021), which PyTorch has on x86 processors; seven bits keep its sums of pairs within sixteen.
"""
import warnings
from typing import Any

import torch
from torch import Tensor, nn

from .fixed import FixedLinear, FixedTable, FixedWeight, fix_

KINDS = ("int8",)
LEVELS = 63
"""Whole numbers on either side of zero that an input is rounded to."""
ENGINE = "fbgemm"
ROWS_AT_ONCE = 4096
"""Rows of a matrix that are rounded together."""


class Int8Weight(FixedWeight):
    """A matrix in eight bits.

    Args:
        weight: *Shape:* `[out, in]`.
    """

    form = "rounded to int8"
    without = "without quantize="

    def __init__(self, weight: Tensor):
        super().__init__(weight)
        self._packed = _pack(*_round(weight))

    def values(self) -> Tensor:
        """Return the rounded weights in float32. *Shape:* `[out, in]`."""
        return torch.ops.quantized.linear_unpack(self._packed)[0].dequantize()

    def multiply(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Compute `x @ weight.T + bias`. *Shape:* `[..., in]` to `[..., out]`."""
        rows = x.reshape(-1, x.shape[-1]).float()
        steps = (torch.linalg.vector_norm(rows, torch.inf, -1, keepdim=True) / LEVELS).clamp_(min=1e-30)
        scaled = rows / steps
        first = scaled.round()
        # The rest is at most half a step: its digits are worth 1 / (2 * LEVELS) of the first ones.
        digits = torch.cat([first, (scaled - first) * (2 * LEVELS)])
        products = torch.ops.quantized.linear_with_input_q_dq_qweight_dq_output_fp32(
            digits, 1.0, LEVELS + 1, self._packed
        )
        count = len(rows)
        y = torch.add(products[:count], products[count:], alpha=1 / (2 * LEVELS)).mul_(steps)
        if bias is not None:
            y += bias
        return y.to(x.dtype).view(*x.shape[:-1], y.shape[-1])


class Int8Linear(FixedLinear, Int8Weight):
    """A linear layer with a weight in eight bits. *Shape:* `[..., in]` to `[..., out]`."""


class Int8Embedding(FixedTable, Int8Weight):
    """Token embeddings in eight bits. *Shape:* ids `[...]` to `[..., size]`."""

    def __init__(self, table: nn.Embedding):
        super().__init__(table)
        # The packed form gives no single rows.
        rows, scales = _round(table.weight.detach())
        self.register_buffer("_rows", rows, persistent=False)
        self.register_buffer("_scales", scales, persistent=False)

    def forward(self, ids: Tensor) -> Tensor:
        """Look token embeddings up."""
        rows: Any = self._rows
        scales: Any = self._scales
        return rows[ids] * scales[ids][..., None]


def check_quantize(quantize: str | None, dtype: torch.dtype) -> None:
    """Raise if weights cannot be rounded like that.

    Raises:
        ValueError: the way is unknown, or does not go with the type.
        RuntimeError: this PyTorch has no products for it.
    """
    if quantize is None:
        return
    if quantize not in KINDS:
        raise ValueError(f"quantize is {quantize!r}; expected {', '.join(map(repr, KINDS))} or None")
    if dtype != torch.float32:
        raise ValueError(f"quantize={quantize!r} computes in float32, and dtype is {dtype}: leave one of them out")
    has_product = hasattr(torch.ops.quantized, "linear_with_input_q_dq_qweight_dq_output_fp32")
    if ENGINE not in torch.backends.quantized.supported_engines or not has_product:
        raise RuntimeError(
            f"quantize={quantize!r} needs PyTorch's {ENGINE} engine, which this build ({torch.__version__}) has not: "
            "it is there on x86 processors; load the model without quantize="
        )


def quantize_(model: nn.Module) -> None:
    """Round the weights of a model's linear layers and token embeddings to eight bits, in place."""
    fix_(model, Int8Linear, Int8Embedding, every_table=True)


def _round(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Return whole numbers from -127 to 127, and the scale of every row. *Shape:* `[out, in]` and `[out]`."""
    rows, scales = torch.empty_like(weight, dtype=torch.int8), weight.new_empty(len(weight))
    for start in range(0, len(weight), ROWS_AT_ONCE):  # all rows at once would take three times its size
        part = slice(start, start + ROWS_AT_ONCE)
        scales[part] = (weight[part].abs().amax(1) / 127).clamp_(min=1e-30)
        rows[part] = (weight[part] / scales[part, None]).round_()
    return rows, scales


def _pack(rows: Tensor, scales: Tensor) -> Any:
    engine = torch.backends.quantized.engine
    with warnings.catch_warnings():
        # It says that these functions may leave PyTorch; `check_quantize` looks whether they are there.
        warnings.filterwarnings("ignore", ".*quantize", UserWarning)
        try:
            torch.backends.quantized.engine = ENGINE
            zeros = torch.zeros(len(scales), dtype=torch.int64)
            matrix = torch._make_per_channel_quantized_tensor(rows, scales.double(), zeros, 0)
            return torch.ops.quantized.linear_prepack(matrix, None)
        finally:
            torch.backends.quantized.engine = engine
