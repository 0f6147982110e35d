"""Products of a linear layer, by the quickest of PyTorch's ways for the number of rows.

A generated token, or a short sentence, is a product of few rows with a large matrix. `torch.nn.functional.linear` then
takes up to twice the time that reading the matrix takes; two other products that PyTorch has come nearer to that, on
the same weights and without a copy of them.
"""
import torch
import torch.nn.functional as F
from torch import Tensor

MOST_ROWS = 96
"""With more rows `F.linear` is as quick."""
MOST_ROWS_WIDENING = 224
"""The same where there are at least twice as many outputs as inputs."""
FEW_ROWS = range(2, 6)
"""For so few the product of the weights with the transposed rows is the quickest."""
GROUP, MOST_GROUPED_ROWS = 16, 256
"""And for multiples of `GROUP` up to here: they fill the processor's registers."""
MANY_OUTPUTS = 2**14
"""From here on, transposing the products of such groups back takes what they spare."""
SLICE, MOST_SLICED_ROWS = 64, 4
"""With weights stored as `[in, out]`, so few rows are multiplied quickest by slices of so many inputs at a time."""
MOST_ROWS_TRANSPOSED = 8
"""Then, up to here, by oneDNN, which reads them as they are."""
MOST_ROWS_HALVED = 128
"""Then, up to here, by halves of the outputs."""
LEAST_WEIGHTS = 2**16
"""Below, choosing takes as long as it spares."""
PLAIN = (Tensor, torch.nn.Parameter)
ONEDNN = torch.backends.mkldnn.is_available()


def product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """Compute `x @ weight.T + bias`, by the quickest way where no gradient is asked for.

    Args:
        x: *Shape:* `[..., in]`.
        weight: *Shape:* `[out, in]`.
        bias: *Shape:* `[out]`.

    Returns:
        *Shape:* `[..., out]`.
    """
    if not _may_choose(x, weight):
        return F.linear(x, weight, bias)
    size = x.shape[-1]
    rows = x.numel() // size if size else 0
    if not 0 < rows <= MOST_GROUPED_ROWS:
        return F.linear(x, weight, bias)
    if rows in FEW_ROWS or (rows % GROUP == 0 and len(weight) < MANY_OUTPUTS):
        transposed = x.reshape(rows, size).t()
        result = weight @ transposed if bias is None else torch.addmm(bias[:, None], weight, transposed)
        return result.t().contiguous().view(*x.shape[:-1], len(weight))
    if rows > (MOST_ROWS_WIDENING if len(weight) >= 2 * size else MOST_ROWS):
        return F.linear(x, weight, bias)
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")


def product_in_out(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Compute `x @ weight + bias`. *Shape:* `[..., in]` to `[..., out]`; `weight` is `[in, out]`."""
    size, outputs = weight.shape
    flat = x.reshape(-1, size)
    rows = flat.shape[0]
    few = 0 < rows <= MOST_ROWS_HALVED and weight.is_contiguous() and _may_choose(x, weight)
    if few and rows <= MOST_SLICED_ROWS and size % SLICE == 0:
        slices = flat.view(rows, -1, SLICE).transpose(0, 1)
        result = torch.bmm(slices, weight.view(-1, SLICE, outputs)).sum(0).add_(bias)
    elif few and MOST_SLICED_ROWS < rows <= MOST_ROWS_TRANSPOSED:
        result = torch.ops.mkldnn._linear_pointwise(flat, weight.t(), bias, "none", [], "")
    elif few and outputs % 2 == 0:
        halves = weight.view(size, 2, -1).transpose(0, 1)
        result = torch.baddbmm(bias.view(2, 1, -1), flat.expand(2, rows, size), halves)
        result = result.transpose(0, 1).reshape(rows, outputs)
    else:
        result = torch.addmm(bias, flat, weight)
    return result.view(*x.shape[:-1], outputs)


def is_plain_eager(x: Tensor) -> bool:
    """Tell whether a tensor has values that Python may look at, here and now, at no cost.

    Not while a function is traced, exported, compiled or vectorised, and not on an accelerator.
    """
    return (
        not torch.compiler.is_compiling()
        and type(x) in PLAIN
        and x.is_cpu
        and not torch._C._is_tracing()
        and torch._C._functorch.peek_interpreter_stack() is None
        and torch._C._len_torch_dispatch_stack() == 0
    )


def _may_choose(x: Tensor, weight: Tensor) -> bool:
    """Tell whether other products than PyTorch's own choice may compute this: they know no gradients and no casts."""
    return (
        is_plain_eager(x)
        and x.dtype is weight.dtype is torch.float32
        and weight.numel() >= LEAST_WEIGHTS
        and not (torch.is_grad_enabled() and (x.requires_grad or weight.requires_grad))
        and ONEDNN
        and weight.is_cpu
        and not torch.is_autocast_enabled("cpu")
    )
