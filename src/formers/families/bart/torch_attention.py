"""BART's attention as a PyTorch module. It takes and gives the positions first: `[seq, batch, hidden]`."""
from __future__ import annotations

from typing import Any

from torch import Tensor

from formers.architecture import CrossAttention, InfiniteMask, Sublayer
from formers.architecture import SelfAttention as SelfAttentionSpec
from formers.backends.torch.containers import Arguments, Steps, StepsEntrance, is_plain
from formers.backends.torch.presents import for_rows
from formers.backends.torch.tree import Tree
from formers.network.call import LayerCall, Scores
from formers.network.layer import Computed, Step
from formers.network.weights import sublayer_weights

from .architecture import NORM, architecture
from .configuration import BartConfig
from .names import NAMES
from .torch_functions import documented_masks, key_bias
from .torch_states import (
    CROSS,
    SELF,
    StateCall,
    caches_of,
    joined,
    keep,
    source_of,
    state_of,
    write_state,
)

TREE = Tree(__name__, NAMES, architecture)


class AttentionEntrance(StepsEntrance):
    """An attention, whose documented call changes a dict of earlier keys and values."""

    __slots__ = ()

    def enter(self, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> Computed:
        """Compute it for the network's arguments."""
        if is_plain(self.module):
            return self.module.compute(x, y, call, spec)
        given = self.kind.arguments(x, y, call, spec)
        result = self.module(*given.args, **given.kwargs)
        if call.caches is not None:
            keep({spec.name: call.caches[spec.name]}, given.kwargs["layer_state"])
        return x, result[0].transpose(0, 1), result[1]


class SelfAttention(Steps, tree=TREE):
    """BART's attention, of a sequence to itself or to an encoder's states.

    Args:
        embed_dim: width.
        num_heads: number of heads.
        dropout: probability on the attention weights.
        bias: the linear layers have biases.
        encoder_decoder_attention: it attends to an encoder's states.

    Raises:
        ValueError: the width is not a multiple of the number of heads.
    """

    first_step, last_step = Step.MIX, Step.PROJECT
    entrance = AttentionEntrance

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        encoder_decoder_attention: bool = False,
    ):
        if embed_dim % num_heads:
            raise ValueError(f"embed_dim {embed_dim} must be divisible by num_heads {num_heads}")
        size = embed_dim // num_heads
        kind: Any = CrossAttention if encoder_decoder_attention else SelfAttentionSpec
        block = kind(num_heads, size, size**-0.5, InfiniteMask(), bias=bias, dropout=dropout)
        spec = Sublayer("cross_attention" if encoder_decoder_attention else "attention", block, after=NORM)
        self.build(spec, sublayer_weights(spec, embed_dim, architecture(BartConfig()).init), {"": spec}, None)

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.num_heads, self.head_dim, self.scaling = block.heads, block.head_size, block.scale
        self.embed_dim = block.heads * block.head_size
        self.encoder_decoder_attention = isinstance(block, CrossAttention)
        self.cache_key = CROSS if self.encoder_decoder_attention else SELF

    def read(
        self,
        query: Tensor,
        key: Tensor | None,
        key_padding_mask: Tensor | None = None,
        layer_state: dict[str, Any] | None = None,
        attn_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        name, y = self.spec.name, query.transpose(0, 1)
        cache = caches_of(layer_state)[name]
        source = None
        if self.encoder_decoder_attention:
            source = y if key is None else key.transpose(0, 1)
            if key is None and cache.is_empty:
                raise ValueError("the encoder's states are missing: pass them as key, or a layer_state with their keys")
            keys = source.shape[1] if cache.is_empty else cache.length
        else:
            keys = cache.length + y.shape[1]
            key_padding_mask = joined(key_padding_mask, layer_state, keys)
        bias = key_bias(key_padding_mask, attn_mask, (y.shape[0], keys), y)
        call = StateCall(
            {name: Scores(bias)}, source, {name: cache}, want_weights=output_attentions, state=layer_state,
            padding=key_padding_mask,
        )  # fmt: skip
        return y, y, call

    def write(self, computed: Computed, given: Any) -> tuple[Tensor, Tensor | None]:
        """See `Container.write`."""
        call: StateCall = given[2]
        if call.state is not None:
            write_state(call.state, call.caches or {}, call.padding)
        return computed[1].transpose(0, 1), computed[2]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> Arguments:
        """See `Container.arguments`."""
        query, rows = y.transpose(0, 1), y.shape[0]
        bias, causal, _ = call.scores[spec.name]
        state = state_of(call.caches, rows)
        cross = isinstance(spec.block, CrossAttention)
        if cross:
            padding, _ = documented_masks(bias, False, 1, 1, y)
            return Arguments(
                query=query,
                key=source_of(call, rows),
                key_padding_mask=for_rows(padding, rows),
                layer_state=state,
            )
        past = call.cache(spec.name)
        keys = y.shape[1] + (0 if past is None else past.length)
        padding, added = documented_masks(bias, causal, y.shape[1], keys, y)
        padding = for_rows(padding, rows)
        if not spec.block.causal:  # type: ignore[union-attr]
            return Arguments(
                query=query, key=query, key_padding_mask=padding, output_attentions=call.want_weights
            )
        return Arguments(
            query=query, key=query, layer_state=state, key_padding_mask=padding, attn_mask=added,
            output_attentions=call.want_weights,
        )  # fmt: skip

    def _shape(self, tensor: Tensor, dim_0: int, bsz: int) -> Tensor:
        """Split heads. *Shape:* `[seq, batch, heads * size]` to `[batch * heads, seq, size]`."""
        return tensor.reshape(dim_0, bsz * self.num_heads, self.head_dim).transpose(0, 1)
