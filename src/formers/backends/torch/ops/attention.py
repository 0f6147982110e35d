"""Operations of attention: heads, scores, masks."""
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from .inputs import check_tensor


def split_heads(x: Tensor, size: int) -> Tensor:
    """Split the last axis into heads. *Shape:* `[batch, seq, heads * size]` to `[batch, heads, seq, size]`."""
    return torch.unflatten(x, -1, (-1, size)).transpose(1, 2)  # the method costs half as much again


def split_projections(x: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """Split what one linear layer gave for queries, keys and values. *Shape:* `[batch, heads, seq, size]` each."""
    query, key, value = torch.unflatten(x, -1, (3, -1, size)).permute(2, 0, 3, 1, 4).unbind()
    return query, key, value


def join_heads(x: Tensor) -> Tensor:
    """Put heads side by side. *Shape:* `[batch, heads, seq, size]` to `[batch, seq, heads * size]`."""
    return x.transpose(1, 2).flatten(2)


def join_beams(query: Tensor, key: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor | None]:
    """Let beams that share the keys of their encoder row stand side by side as queries.

    *Shape:* `[rows * beams, heads, query, size]` to `[rows, heads, beams * query, size]`.
    """
    beams = query.shape[0] // key.shape[0] if key.shape[0] else 1
    if beams <= 1:
        return query, bias
    if bias is not None and bias.shape[2] > 1:
        bias = bias.repeat(1, 1, beams, 1)
    return query.unflatten(0, (-1, beams)).transpose(1, 2).flatten(2, 3), bias


def split_beams(context: Tensor, rows: Tensor) -> Tensor:
    """Undo `join_beams`; `rows` is the query before it."""
    beams = rows.shape[0] // context.shape[0] if context.shape[0] else 1
    if beams <= 1:
        return context
    return context.unflatten(2, (beams, rows.shape[2])).transpose(1, 2).flatten(0, 1)


def needs_weights(query: Tensor, key: Tensor, value: Tensor, training: bool) -> bool:
    """Tell whether attention weights must be computed one by one: PyTorch's fused products have no second derivatives.

    On an accelerator they are used in training nevertheless: there memory is short. A trace is the same whether
    gradients are asked for or not.
    """
    if torch.jit.is_tracing() or not torch.is_grad_enabled():
        return False
    if not torch.compiler.is_compiling() and torch._C._functorch.peek_interpreter_stack() is not None:
        return True  # tensors inside `vmap` do not say whether gradients are asked for
    if not (query.requires_grad or key.requires_grad or value.requires_grad):
        return False
    return query.is_cpu or not training


def attend(
    query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None, causal: bool, scale: float, dropout: Any
) -> Tensor:
    """Attend by PyTorch's fused product.

    Args:
        query, key, value: *Shape:* `[batch, heads, seq, size]`.
        bias: added to the scores.
        causal: besides, look at earlier positions only.
        scale: factor on the products.
        dropout: the dropout of the attention weights.

    Returns:
        *Shape:* `[batch, heads, query, size]`.
    """
    # A dropout of another class, two masks, or a mask at the right end of the keys.
    if dropout.rate is None or (causal and (bias is not None or query.shape[2] != key.shape[2])):
        scores = query @ key.transpose(-1, -2) * scale
        scores = mask_later_keys(scores) if causal else scores
        return dropout(attention_softmax(scores if bias is None else scores + bias)) @ value
    return F.scaled_dot_product_attention(
        query, key, value, bias, dropout_p=dropout.rate, is_causal=causal, scale=scale
    )


def attention_softmax(scores: Tensor) -> Tensor:
    """Return attention weights. *Shape:* `[..., key]`."""
    return scores.softmax(-1)


def mask_later_keys(scores: Tensor) -> Tensor:
    """Mask keys after the query's position; the last query has the last key. *Shape:* `[..., query, key]`."""
    queries, keys = scores.shape[-2:]
    later = torch.ones(queries, keys, dtype=torch.bool, device=scores.device).triu_(1 + keys - queries)
    return scores.masked_fill(later, -torch.inf)


def causal_mask(queries: int, keys: int, start: int, hidden: Tensor) -> Tensor:
    """Return 1 where a query may attend: at its own position and before. *Shape:* `[1, query, key]`."""
    return torch.ones(1, queries, keys, dtype=torch.int64, device=hidden.device).tril_(start)


def additive_bias(visible: Tensor, fill: float, hidden: Tensor) -> Tensor:
    """Return `fill` where `visible` is 0, and 0 where it is 1, of the type of `hidden`."""
    return (1.0 - visible.to(hidden.dtype)) * fill


def infinite_bias(visible: Tensor, hidden: Tensor) -> Tensor:
    """Return minus infinity where `visible` is 0, and 0 elsewhere, of the type of `hidden`."""
    return torch.zeros_like(visible, dtype=hidden.dtype).masked_fill_(visible == 0, -torch.inf)


def head_masks(head_mask: Any, layers: int, hidden: Tensor) -> Sequence[Tensor | None]:
    """Return one mask a layer from the caller's.

    Args:
        head_mask: 1 for kept, 0 for masked heads. *Shape:* `[heads]` or `[layers, heads]`, or one mask a layer.
        layers: number of layers.
        hidden: a tensor of the type of the weights.

    Returns:
        A list over layers. *Shape:* `[1, heads, 1, 1]` each.

    Raises:
        ValueError: the mask has another shape.
    """
    if isinstance(head_mask, list | tuple):
        if len(head_mask) != layers:
            raise ValueError(f"head_mask has {len(head_mask)} entries; expected one for each of {layers} layers")
        return head_mask
    check_tensor(head_mask, "head_mask")
    if head_mask.dim() == 1:
        head_mask = head_mask.expand(layers, -1)
    if head_mask.dim() == 2 and head_mask.shape[0] == layers:
        head_mask = head_mask[:, None, :, None, None]
    if head_mask.dim() != 5 or head_mask.shape[0] != layers:
        raise ValueError(f"head_mask has shape {tuple(head_mask.shape)}; expected [heads] or [{layers} layers, heads]")
    return list(head_mask.to(hidden.dtype))


def heads_first(x: Tensor) -> Tensor:
    """Move the heads to the front. *Shape:* `[query, key, heads]` to `[1, heads, query, key]`."""
    return x.permute(2, 0, 1)[None]
