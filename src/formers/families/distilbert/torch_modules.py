"""DistilBERT's PyTorch modules."""
from typing import Any

import torch
from torch import Tensor

from formers.architecture.sinusoids import sinusoids
from formers.backends.torch import ops
from formers.backends.torch.containers import (
    Arguments,
    EmbeddingsContainer,
    LayerContainer,
    LayersContainer,
    Steps,
    Update,
    documented_head_masks,
)
from formers.backends.torch.pruning import prune_attention
from formers.backends.torch.tree import Tree
from formers.network.attention import attend_elsewhere
from formers.network.call import Call, LayerCall, Scores
from formers.network.context import Context, GivenContext
from formers.network.layer import Computed, Step
from formers.network.masks import for_heads

from .architecture import architecture
from .names import NAMES

TREE = Tree(__name__, NAMES, architecture)


def create_sinusoidal_embeddings(n_pos: int, dim: int, out: Tensor) -> None:
    """Fill a table with sines and cosines of positions, in turn, and freeze it.

    Args:
        n_pos, dim: shape of the table.
        out: the table. *Shape:* `[n_pos, dim]`.
    """
    with torch.no_grad():
        out.copy_(torch.from_numpy(sinusoids(n_pos, dim, "interleaved")))
    out.requires_grad = False


def _scores(mask: Tensor, x: Tensor) -> Scores:
    """Return what happens to the scores for a documented mask. *Shape:* `[batch, key]` or `[batch, query, key]`."""
    return Scores(ops.infinite_bias(for_heads(mask), x), mask=mask)


def _mask(scores: Scores, x: Tensor) -> Tensor:
    """Return the documented mask, 1 for visible positions. *Shape:* `[batch, key]`, or `[batch, query, key]`."""
    return x.new_ones(x.shape[:2]) if scores.mask is None else scores.mask


class Embeddings(EmbeddingsContainer, tree=TREE):
    """DistilBERT's embeddings."""

    def read(self, input_ids: Tensor) -> Any:
        """See `Container.read`."""
        return Call(input_ids), 0

    @classmethod
    def arguments(cls, call: Call, start: Any) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return (call.input_ids,)


class MultiHeadSelfAttention(Steps, tree=TREE):
    """DistilBERT's attention, with its last linear layer."""

    first_step, last_step = Step.MIX, Step.PROJECT

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.n_heads, self.dim = block.heads, block.heads * block.head_size
        self.pruned_heads = set(block.pruned)

    def prune_heads(self, heads: Any) -> None:
        """Remove heads, by their indices in the full attention."""
        prune_attention(self, set(heads))

    def read(
        self,
        query: Tensor,
        key: Tensor,
        value: Tensor,
        mask: Tensor,
        head_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        spec, call = self.spec, LayerCall({"attention": _scores(mask, query)}, None, None, head_mask, output_attentions)
        if key is not query or value is not query:
            spec, call = attend_elsewhere(ops, self.parts, spec, key, value, call)
        return query, query, call, spec

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Arguments:
        """See `Container.arguments`."""
        mask = _mask(call.scores[spec.name], x)
        return Arguments(
            query=y, key=y, value=y, mask=mask, head_mask=call.head_mask, output_attentions=call.want_weights
        )

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Computed:
        """See `Container.parse`."""
        return x, result[0], result[1] if len(result) > 1 else None


class FFN(Update, tree=TREE):
    """DistilBERT's feed-forward block, without residual and norm."""

    first_step, last_step = Step.MIX, Step.DROPOUT

    def read(self, input: Tensor) -> Any:  # the documented name
        """See `Container.read`."""
        return super().read(input)


class TransformerBlock(LayerContainer, tree=TREE):
    """One layer of DistilBERT."""

    def read(
        self,
        x: Tensor,
        attn_mask: Any = None,
        head_mask: Tensor | None = None,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return x, LayerCall({"attention": _scores(attn_mask, x)}, None, None, head_mask, output_attentions)

    def write(self, computed: Any, given: Any) -> tuple[Tensor, ...]:
        """See `Container.write`."""
        x, weights = computed
        return (*weights, x)

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> Arguments:
        """See `Container.arguments`."""
        mask = _mask(call.scores["attention"], x)
        return Arguments(x=x, attn_mask=mask, head_mask=call.head_mask, output_attentions=call.want_weights)

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result[-1], tuple(result[:-1])


class Transformer(LayersContainer, tree=TREE):
    """DistilBERT's layers."""

    def settled(self) -> None:
        """See `Container.settled`."""
        self.n_layers = len(self.spec.layers)

    def read(
        self,
        x: Tensor,
        attn_mask: Any = None,
        head_mask: Any = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
    ) -> Any:
        """See `Container.read`."""
        layer = LayerCall({"attention": _scores(attn_mask, x)}, want_weights=output_attentions)
        call = Call(want_weights=output_attentions, want_states=output_hidden_states)
        return self.spec, x, call, GivenContext(layer, head_mask)

    @classmethod
    def arguments(cls, spec: Any, x: Tensor, call: Call, context: Context) -> Arguments:
        """See `Container.arguments`."""
        layer = context.of_layer(spec.layers[0], 0)
        return Arguments(
            x=x,
            attn_mask=_mask(layer.scores["attention"], x),
            head_mask=documented_head_masks(context),
            output_attentions=call.want_weights,
            output_hidden_states=call.want_states,
        )
