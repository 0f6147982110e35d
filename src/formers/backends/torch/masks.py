"""Attention masks: from the caller's ones and zeros to what is added to the scores."""
import torch
from torch import Tensor

from formers.architecture import AdditiveMask, Mask


def padding_mask(attention_mask: Tensor, mask: Mask, dtype: torch.dtype) -> Tensor:
    """What is added to the scores so that positions with 0 stay hidden.

    Args:
        attention_mask: 1 for visible, 0 for hidden. *Shape:* `[batch, key]` or `[batch, query, key]`.
        mask: how to hide.
        dtype: type of the scores.

    Returns:
        *Shape:* `[batch, 1, 1 or query, key]`.

    Raises:
        ValueError: the mask has another number of axes.
    """
    if attention_mask.dim() == 3:
        visible = attention_mask[:, None, :, :]
    elif attention_mask.dim() == 2:
        visible = attention_mask[:, None, None, :]
    else:
        raise ValueError(
            f"attention_mask has shape {tuple(attention_mask.shape)}; expected [batch, seq] or [batch, query, key]"
        )
    if isinstance(mask, AdditiveMask):
        return (1.0 - visible.to(dtype)) * mask.fill
    return torch.zeros_like(visible, dtype=dtype).masked_fill_(visible == 0, -torch.inf)


def causal_mask(query: int, key: int, device: torch.device) -> Tensor:
    """1 where a query may look: at its own position and before. *Shape:* `[1, query, key]`."""
    return torch.ones(1, query, key, dtype=torch.int64, device=device).tril_(key - query)


def head_masks(head_mask: Tensor | None, layers: int, dtype: torch.dtype) -> list[Tensor | None]:
    """One mask a layer from the caller's.

    Args:
        head_mask: 1 for kept, 0 for silenced heads. *Shape:* `[heads]` or `[layers, heads]`.

    Returns:
        A list over layers. *Shape:* `[1, heads, 1, 1]` each.

    Raises:
        ValueError: the mask has another shape.
    """
    if head_mask is None:
        return [None] * layers
    if head_mask.dim() == 1:
        head_mask = head_mask.expand(layers, -1)
    if head_mask.dim() == 2 and head_mask.shape[0] == layers:
        head_mask = head_mask[:, None, :, None, None]
    if head_mask.dim() != 5 or head_mask.shape[0] != layers:
        raise ValueError(f"head_mask has shape {tuple(head_mask.shape)}; expected [heads] or [{layers} layers, heads]")
    return list(head_mask.to(dtype))
