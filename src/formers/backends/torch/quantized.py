"""Weights rounded to eight bits: a third of the memory, and less to read for every generated token.

Each row of a weight (an output of the map, a word of the table) has one scale. Only weights are rounded: the inputs
enter the products as two numbers of seven bits each, one for the first digits and one for the next, so that what their
rounding adds is about a hundredth of what the rounding of the weights does. The products are those of FBGEMM (Khudia et
al., 2021), which PyTorch has on x86 processors; seven bits keep its sums of pairs within sixteen.
"""
import warnings
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .embeddings import Embeddings

KINDS = ("int8",)
LEVELS = 63
"""Whole numbers on either side of zero that an input is rounded to."""
ENGINE = "fbgemm"


class Int8Weight(nn.Module):
    """A matrix in eight bits, as a factor of products; the base of what stands in for the layers of a model.

    Args:
        weight: *Shape:* `[out, in]`.
    """

    def __init__(self, weight: Tensor):
        super().__init__()
        self._packed = _pack(*_round(weight))

    @property
    def weight(self) -> Tensor:
        """The rounded weights in float32. *Shape:* `[out, in]`."""
        return torch.ops.quantized.linear_unpack(self._packed)[0].dequantize()

    @weight.setter
    def weight(self, value: Any) -> None:
        raise TypeError("these weights are rounded to int8 and cannot be replaced: load the model without quantize=")

    def product(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """`x @ weight.T + bias`. *Shape:* `[..., in]` to `[..., out]`."""
        if torch.is_grad_enabled() and x.requires_grad:
            return F.linear(x, self.weight.to(x.dtype), bias)
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

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[prefix + "weight"] = self.weight

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *args: Any) -> None:
        if prefix + "weight" in state:
            raise TypeError(
                f"{prefix}weight is rounded to int8 and takes no other values: load the model without quantize=, "
                "give it the state dict, and save it"
            )
        super()._load_from_state_dict(state, prefix, *args)

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Int8Weight":
        device = fn(torch.zeros(0)).device
        if device.type != "cpu":
            raise ValueError(f"weights that are rounded to int8 stay on the CPU; found the device {str(device)!r}")
        return super()._apply(fn, recurse)


class Int8Linear(Int8Weight):
    """A linear map with a weight in eight bits. *Shape:* `[..., in]` to `[..., out]`.

    Args:
        layer: the map that it stands in for.
    """

    def __init__(self, layer: nn.Linear):
        super().__init__(layer.weight.detach())
        self.in_features, self.out_features = layer.in_features, layer.out_features
        self.bias = layer.bias

    def forward(self, x: Tensor) -> Tensor:
        """`x @ weight.T + bias`."""
        return self.product(x, self.bias)


class Int8Embedding(Int8Weight):
    """A table of words in eight bits, which is also the map to the scores of words.

    *Shape:* ids `[...]` to `[..., size]`.

    Args:
        table: the table that it stands in for.
    """

    def __init__(self, table: nn.Embedding):
        super().__init__(table.weight.detach())
        self.embedding_dim = table.embedding_dim
        # The packed form gives no single rows.
        rows, scales = _round(table.weight.detach())
        self.register_buffer("_rows", rows, persistent=False)
        self.register_buffer("_scales", scales, persistent=False)

    @property
    def num_embeddings(self) -> int:
        """Not for this table: who asks wants to resize it."""
        raise TypeError("a table of words that is rounded to int8 cannot be resized: load the model without quantize=")

    def forward(self, ids: Tensor) -> Tensor:
        """The vectors of words."""
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
    """Round the weights of a model's linear maps and tables of words to eight bits, in place."""
    words = {id(module.tokens) for module in model.modules() if isinstance(module, Embeddings)}
    places: dict[int, list[tuple[nn.Module, str]]] = {}
    for parent in model.modules():
        for name, child in parent._modules.items():
            if isinstance(child, nn.Linear) or id(child) in words:
                places.setdefault(id(child), []).append((parent, name))
    # One after another: the memory of each layer is free before that of the next is needed.
    for shared in places.values():
        old: Any = shared[0][0]._modules[shared[0][1]]
        new = Int8Linear(old) if isinstance(old, nn.Linear) else Int8Embedding(old)
        for parent, name in shared:
            setattr(parent, name, new)
        del old
    # What is left may be part of a mapped file, all of which would stay.
    for parameter in model.parameters():
        parameter.data = parameter.data.clone()
    for module in model.modules():
        for name, buffer in module._buffers.items():
            module._buffers[name] = None if buffer is None else buffer.detach().clone()


def word_scores(words: nn.Module, x: Tensor, bias: Tensor) -> Tensor | None:
    """The scores of words by a table in eight bits; None if the table is another. *Shape:* `[..., words]`."""
    return words.product(x, bias) if isinstance(words, Int8Embedding) else None


def _round(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Whole numbers from -127 to 127, and the scale of every row. *Shape:* `[out, in]` and `[out]`."""
    scales = (weight.abs().amax(1) / 127).clamp_(min=1e-30)
    return (weight / scales[:, None]).round_().to(torch.int8), scales


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
