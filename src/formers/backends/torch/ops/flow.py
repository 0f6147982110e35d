"""Operations on whole layers, and on chunks of a sequence."""
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from ..chunking import apply_chunking_to_forward


def run_layer(layer: Any, x: Tensor, call: Any, rate: float, training: bool, recompute: bool) -> tuple[Any, Any]:
    """Compute a layer, or leave it out.

    Args:
        layer: the layer.
        x: *Shape:* `[batch, seq, hidden]`.
        call: what it needs besides.
        rate: probability with which it is left out in training.
        training: whether its stack is trained.
        recompute: compute it again in the backward pass.

    Returns:
        The new states, and its attention weights.
    """
    if training and rate and torch.rand(()) < rate:
        return x, ()
    if recompute and training and torch.is_grad_enabled():
        return checkpoint(layer.run, x, call, use_reentrant=False)
    return layer.run(x, call)


def in_chunks(compute: Callable[[Tensor], Tensor], x: Tensor, size: int) -> Tensor:
    """Compute chunks of `size` positions one after the other. *Shape:* `[batch, seq, hidden]`."""
    return apply_chunking_to_forward(size, 1, compute, x)


def pad_to_multiple(x: Tensor, multiple: int, value: float) -> Tensor:
    """Pad the second axis at its end to a multiple of a length. *Shape:* `[batch, seq, ...]`."""
    missing = -x.shape[1] % multiple
    if not missing:
        return x
    return torch.cat([x, x.new_full((x.shape[0], missing, *x.shape[2:]), value)], 1)
