"""Multi-head attention, of a sequence to itself or to an encoder's states."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import CrossAttention, SelfAttention

from .caches import KeyValues
from .linear import Linear
from .pruning import prune_linear_layer


class Attention(nn.Module):
    """Multi-head scaled dot-product attention (Vaswani et al., 2017).

    Args:
        spec: the numbers.
        hidden: width of the residual stream.
    """

    def __init__(self, spec: SelfAttention | CrossAttention, hidden: int):
        super().__init__()
        self.spec = spec
        self.heads = spec.heads
        self.pruned = set(spec.pruned) if isinstance(spec, SelfAttention) else set()
        inner = spec.heads * spec.head_size
        self.qkv: Linear | None = None
        if isinstance(spec, SelfAttention) and spec.projections == "joined":
            self.qkv = Linear(hidden, 3 * inner, spec.bias)
        else:
            self.query = Linear(hidden, inner, spec.bias)
            self.key = Linear(hidden, inner, spec.bias)
            self.value = Linear(hidden, inner, spec.bias)
        self.output = Linear(inner, hidden, spec.bias)

    def forward(
        self,
        hidden: Tensor,
        source: Tensor | None = None,
        mask: Tensor | None = None,
        causal: bool = False,
        head_mask: Tensor | None = None,
        want_weights: bool = False,
        cache: KeyValues | None = None,
    ) -> tuple[Tensor, Tensor | None]:
        """Attend.

        Args:
            hidden: *Shape:* `[batch, query, hidden]`.
            source: states to attend to, `hidden` itself by default. *Shape:* `[batch, key, hidden]`.
            mask: added to the scores. *Shape:* broadcasts to `[batch, heads, query, key]`.
            causal: look back only; with no `mask` and nothing in the cache.
            head_mask: factor on the weights. *Shape:* `[1, heads, 1, 1]`.
            want_weights: give the weights too.
            cache: earlier keys and values, to which those of `hidden` are added; with a `source`, those of the source,
                which are computed if the cache is empty.

        Returns:
            Output, *shape* `[batch, query, hidden]`, and the weights, *shape* `[batch, heads, query, key]`, or None.
        """
        batch, length = hidden.shape[:2]
        query, key, value = self._project(hidden, source, cache)
        # Beams share the keys of their encoder row: they stand side by side as queries.
        beams = batch // key.shape[0]
        if beams > 1:
            query = query.unflatten(0, (-1, beams)).transpose(1, 2).flatten(2, 3)
            if mask is not None and mask.shape[2] > 1:
                mask = mask.repeat(1, 1, beams, 1)
        dropout = self.spec.dropout if self.training else 0.0
        weights = None
        if want_weights or head_mask is not None:
            scores = query @ key.transpose(-1, -2) * self.spec.scale
            if causal:
                hidden_ahead = torch.ones(scores.shape[-2:], dtype=torch.bool, device=scores.device).triu_(1)
                scores = scores.masked_fill(hidden_ahead, -torch.inf)
            if mask is not None:
                scores = scores + mask
            weights = F.dropout(scores.softmax(-1), dropout)
            if head_mask is not None:
                weights = weights * head_mask
            context = weights @ value
        else:
            context = F.scaled_dot_product_attention(
                query, key, value, mask, dropout_p=dropout, is_causal=causal, scale=self.spec.scale
            )
        if beams > 1:
            context = context.unflatten(2, (beams, length)).transpose(1, 2).flatten(0, 1)
        output = self.output(context.transpose(1, 2).flatten(2))
        return output, weights if want_weights else None

    def _project(
        self, hidden: Tensor, source: Tensor | None, cache: KeyValues | None
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Queries, keys and values. *Shape:* `[batch, heads, seq, head_size]`."""
        if self.qkv is not None:
            parts = self.qkv(hidden if source is None else source)
            parts = parts.view(*parts.shape[:2], 3, self.heads, self.spec.head_size)
            query, key, value = parts.permute(2, 0, 3, 1, 4).unbind()
            if source is not None:
                query = query[:, :, : hidden.shape[1]]  # a source starts with the states that ask
        else:
            query = self._split(self.query(hidden))
            if cache is not None and cache.length and isinstance(self.spec, CrossAttention):
                return query, *cache.read()
            states = hidden if source is None else source
            key, value = self._split(self.key(states)), self._split(self.value(states))
        if cache is not None:
            key, value = cache.append(key, value)
        return query, key, value

    def _split(self, x: Tensor) -> Tensor:
        """`[batch, seq, heads * head_size]` to `[batch, heads, seq, head_size]`."""
        return x.view(*x.shape[:2], self.heads, self.spec.head_size).transpose(1, 2)

    def prune_heads(self, heads: set[int]) -> None:
        """Remove `heads`, numbered as in the full model; those that are gone already are passed over."""
        heads = heads - self.pruned
        if not heads:
            return
        total = self.heads + len(self.pruned)
        wrong = sorted(head for head in heads if not 0 <= head < total)
        if wrong:
            raise ValueError(f"cannot prune heads {wrong}: the attention has heads 0 to {total - 1}")
        left = [head for head in range(total) if head not in self.pruned]
        kept = [place for place, head in enumerate(left) if head not in heads]
        size = self.spec.head_size
        index = torch.cat([torch.arange(place * size, (place + 1) * size) for place in kept] or [torch.arange(0)])
        index = index.to(self.output.weight.device)
        if self.qkv is not None:
            inner = self.heads * size
            self.qkv = prune_linear_layer(self.qkv, torch.cat([index, index + inner, index + 2 * inner]))
        else:
            self.query = prune_linear_layer(self.query, index)
            self.key = prune_linear_layer(self.key, index)
            self.value = prune_linear_layer(self.value, index)
        self.output = prune_linear_layer(self.output, index, dim=1)
        self.heads = len(kept)
        self.pruned |= heads
