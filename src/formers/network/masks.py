"""From the caller's masks of ones and zeros to what happens to the scores of an attention."""
from typing import Any

from formers.architecture import AdditiveMask, Attention, SelfAttention

from .call import Scores


def self_scores(ops: Any, spec: SelfAttention, mask: Any, position_bias: Any, hidden: Any, past: Any) -> Scores:
    """Return what happens to the scores of a self-attention.

    Args:
        ops: the operations of the backend.
        spec: the attention.
        mask: 1 for visible, 0 for masked positions. *Shape:* `[batch, key]`, or `[batch, query, key]`, which says all.
        position_bias: a bias on the scores. *Shape:* `[1, heads, query, key]`.
        hidden: the states of the queries. *Shape:* `[batch, query, hidden]`.
        past: number of keys before those of `hidden`.
    """
    length = ops.size(hidden, 1)
    # A single query may attend to everything that is there.
    causal = spec.causal and not ops.is_known(length, 1, past)
    if mask is None and not (causal and (position_bias is not None or not ops.masks_later_keys(past))):
        return Scores(position_bias, causal)
    both = mask
    if causal and (mask is None or len(mask.shape) == 2):
        visible = ops.causal_mask(length, past + length, past, hidden)
        both = visible if mask is None else visible * ops.as_ids(mask)[:, None, :]
    bias = mask_bias(ops, spec, both, hidden)
    return Scores(bias if position_bias is None else position_bias + bias, mask=mask)


def cross_scores(ops: Any, spec: Attention, mask: Any, position_bias: Any, hidden: Any) -> Scores:
    """Return what happens to the scores of a cross-attention; see `self_scores`."""
    if mask is None:
        return Scores(position_bias)
    bias = mask_bias(ops, spec, mask, hidden)
    return Scores(bias if position_bias is None else position_bias + bias, mask=mask)


def mask_bias(ops: Any, spec: Attention, mask: Any, hidden: Any) -> Any:
    """Return what is added to the scores so that positions with 0 are masked.

    Args:
        ops: the operations of the backend.
        spec: the attention, which says how to mask.
        mask: *Shape:* `[batch, key]` or `[batch, query, key]`.
        hidden: a tensor of the type of the scores.

    Returns:
        *Shape:* `[batch, 1, 1 or query, key]`.
    """
    visible = for_heads(mask)
    if isinstance(spec.mask, AdditiveMask):
        return ops.additive_bias(visible, spec.mask.fill, hidden)
    return ops.infinite_bias(visible, hidden)


def for_heads(mask: Any) -> Any:
    """Give a mask an axis for the heads. *Shape:* `[batch, key]` or `[batch, query, key]` to `[batch, 1, ..., key]`."""
    return mask[:, None, :, :] if len(mask.shape) == 3 else mask[:, None, None, :]
