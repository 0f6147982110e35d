"""What T5's blocks and attentions know besides the states in PyTorch: position biases, masks, keys and values.

The first block's attentions have the tables of the position biases. As documented they compute these biases, add the
masks, and give the sums back; the other blocks take them. Where nobody changed the first block, the network computes
the sums once; where somebody did, its attentions are asked, as documented.
"""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from formers.architecture import Bucketed, CrossAttention, Layer
from formers.backends.torch import ops
from formers.backends.torch.containers import is_plain
from formers.backends.torch.presents import for_rows
from formers.backends.torch.tree import find
from formers.network.caches import KeyValues
from formers.network.call import LayerCall, Scores
from formers.network.context import Context
from formers.network.masks import mask_bias

from .alone import MISSING_BIAS

ATTENTIONS = frozenset(("attention", "cross_attention"))


class Biases:
    """The sums of position biases and masks in one documented call, by the names of the attentions.

    Attributes:
        masks: what the masks add to the scores.
        sums: the sums, as far as they are known.
    """

    def __init__(self, masks: Mapping[str, Tensor | None]):
        self.masks = masks
        self.sums: dict[str, Tensor] = {}

    def documented_mask(self, name: str) -> Tensor | None:
        """Return what the mask of an attention adds to its scores."""
        return self.masks.get(name)

    def take(self, name: str, bias: Tensor) -> None:
        """Remember the sum that an attention computed."""
        self.sums[name] = bias


@dataclass(slots=True)
class T5Call(LayerCall):
    """What a block needs besides the states.

    Attributes:
        biases: the sums of position biases and masks: a `Biases`, or a `T5Context`.
        unknown: the attentions that are to compute their sums by themselves, where they are called as documented.
        use_cache: keys and values are given back.
        total: number of queries with those before, if the caller says it.
    """

    biases: Any = None
    unknown: frozenset[str] = frozenset()
    use_cache: bool = False
    total: int | None = None


class T5Context(Context):
    """What the blocks of a stack need; what a changed first block gives as sums, the others get."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self._taken: dict[str, Scores] = {}
        self._first = True  # whether the first block is asked for
        self._left = False  # whether the first block is left to compute the sums

    def of_layer(self, spec: Layer, index: int) -> T5Call:
        """See `Context.of_layer`."""
        self._first = index == 0
        if self._left and index:
            self._left = False
            self._scores.clear()
            self._of_layer.clear()
        call = super().of_layer(spec, index)
        return T5Call(
            call.scores, call.source, call.caches, call.head_mask, call.want_weights, call.first_only, self,
            frozenset() if index else ATTENTIONS, call.caches is not None,
        )  # fmt: skip

    def scores(self, block: Any) -> Scores:
        """See `Context.scores`."""
        taken = self._taken.get("cross_attention" if isinstance(block, CrossAttention) else "attention")
        return super().scores(block) if taken is None else taken

    def take(self, name: str, bias: Tensor) -> None:
        """Let the blocks to come have the sum that an attention of the first one computed."""
        if name == "cross_attention":  # beams of the first block share the encoder's rows
            bias = bias[:: max(1, bias.shape[0] // self.call.encoder_states.shape[0])]
        self._taken[name] = Scores(bias)
        self._of_layer.clear()

    def documented_mask(self, name: str) -> Tensor:
        """Return what the mask of an attention adds to its scores. *Shape:* `[batch, 1, 1 or query, key]`."""
        block: Any = self.stack.layers[0].named(name).block
        hidden, length = self.hidden, self.hidden.shape[1]
        if isinstance(block, CrossAttention):
            mask, keys = self.encoder_mask, self.call.encoder_states.shape[1]
        else:
            mask, keys = self.mask, self.past + length
        if mask is None:
            mask = hidden.new_ones(hidden.shape[0], keys)
        if getattr(block, "causal", False) and mask.dim() == 2 and length > 1:
            mask = mask[:, None] * ops.causal_mask(length, keys, self.past, hidden)
        return mask_bias(ops, block, mask, hidden)

    def position_bias(self, name: str, spec: Bucketed | None, queries: Any, keys: Any) -> Any:
        """See `Context.position_bias`; an attention may compute it in another way."""
        if spec is None:
            return None
        parts = self.parts.below(name)
        path = parts.table.paths["table"]
        owner = find(parts.root, path[:-1])
        if hasattr(owner, "changes_bias") and owner.changes_bias(spec):
            return owner.compute_bias(self.past + queries, keys)[:, :, -queries:]
        if self._first:
            owners = [find(parts.root, path[:count]) for count in (2, 4, 5)]  # block, sublayer, attention
            if not all(module is not None and is_plain(module) for module in owners):
                # It is called as documented, and gives the sums. Its weights may be there in its call alone.
                self._left = True
                return None
        if parts("table") is None:
            raise ValueError(f"{MISSING_BIAS}: the first block has no {path[-1]}, and gave none")
        return super().position_bias(name, spec, queries, keys)


def documented_sum(call: T5Call, name: str, hidden: Tensor, keys: int) -> Tensor | None:
    """Return the sum that an attention gets as `position_bias`; None where it is to compute it.

    *Shape:* `[rows, heads or 1, query, key]`.
    """
    if name in call.unknown:
        return None
    rows, length = hidden.shape[:2]
    bias = for_rows(call.scores[name].bias, rows)
    if bias is None:
        bias = hidden.new_zeros(1, 1, 1, keys)
    return bias.expand(rows, -1, length, -1)


def documented_past(caches: Mapping[str, KeyValues] | None, names: tuple[str, ...], rows: int) -> Any:
    """Return what caches hold as documented: `(key, value)` of each attention in one tuple; None if nothing."""
    held = [caches[name] for name in names if caches is not None and name in caches]
    pairs = [cache.read() for cache in held if not cache.is_empty]
    return tuple(for_rows(tensor, rows) for pair in pairs for tensor in pair) or None
