"""Earlier keys and values, masks, and the rows of beams in the documented calls of layers and their attentions."""
from typing import Any

import torch
from torch import Tensor

from formers.network.caches import KeyValues
from formers.network.call import LayerCall, Scores

from . import ops


def for_rows(tensor: Tensor | None, rows: int) -> Tensor | None:
    """Repeat the rows of an encoder for the beams that share them. *Shape:* `[batch, ...]` to `[rows, ...]`."""
    if tensor is None or tensor.shape[0] == rows:
        return tensor
    return tensor.repeat_interleave(rows // tensor.shape[0], 0)


class GivenScores(Scores):
    """What happens to the scores, as the caller of a layer gave it; `mask` is what the bias was made of."""

    __slots__ = ()


def documented_keywords(call: LayerCall, mask: Tensor | None) -> dict[str, Any]:
    """Return the documented arguments by name for the call of a layer, in the documented order.

    Args:
        call: the call.
        mask: the documented `attention_mask`.
    """
    cache = call.cache("attention")
    held = None if cache is None else cache.tensors()
    return {
        "layer_past": None if held is None else torch.stack(held),
        "attention_mask": mask,
        "head_mask": call.head_mask,
        "use_cache": cache is not None and getattr(cache, "wanted", True),
        "output_attentions": call.want_weights,
    }


def keep_present(cache: KeyValues | None, present: Any, owner: str) -> None:
    """Put keys and values that a module gave back into the cache, in place of those that were there.

    Raises:
        ValueError: the module gave none.
    """
    if cache is None or not getattr(cache, "wanted", True):
        return
    if len(present) != 2:
        raise ValueError(
            f"what stands in the place of {owner} gave no keys and values, although use_cache is True: it must return "
            "them after the states, [2, batch, heads, length, head_size]; or call the model with use_cache=False"
        )
    cache.crop(0)
    cache.append(present[0], present[1])


def padding_bias(call: LayerCall, x: Tensor, fill: float, owner: str) -> Tensor | None:
    """Return the documented `attention_mask` of an attention that masks later positions by itself.

    Args:
        call: the call of the layer.
        x: a tensor of the type of the scores.
        fill: what is added to the scores of masked positions.
        owner: what takes it, for messages.

    Returns:
        0 for visible and `fill` for masked positions, or None. *Shape:* `[batch, 1, 1, key]`.

    Raises:
        ValueError: the mask says for each query what it sees, which such an attention cannot be told.
    """
    scores = call.scores["attention"]
    if isinstance(scores, GivenScores):
        return scores.bias
    if scores.mask is None:
        return None
    if scores.mask.dim() == 3:
        raise ValueError(
            f"attention_mask has shape {tuple(scores.mask.shape)}, which {owner} that has hooks, was changed or "
            "replaced cannot be told: it masks later positions by itself. Pass a mask of shape [batch, key]"
        )
    return ops.additive_bias(scores.mask[:, None, None, :], fill, x)
