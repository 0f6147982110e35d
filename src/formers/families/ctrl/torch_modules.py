"""CTRL's PyTorch modules."""
import math
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import Normal, Sublayer
from formers.architecture.sinusoids import sinusoids
from formers.backends.torch import ops
from formers.backends.torch.containers import Arguments, LayerContainer, Steps, Update
from formers.backends.torch.ops.layers import is_untouched
from formers.backends.torch.presents import (
    GivenScores,
    documented_keywords,
    keep_present,
    padding_bias,
)
from formers.backends.torch.pruning import prune_attention
from formers.backends.torch.tree import Tree
from formers.network.attention import attend_elsewhere
from formers.network.call import LayerCall
from formers.network.documented_caches import documented_present, given_past
from formers.network.layer import Computed, Step
from formers.network.weights import layer_weights, sublayer_weights

from .architecture import MASKED_POSITION, NORM, attention, layer
from .names import NAMES

TREE = Tree(__name__, NAMES)
_INIT = Normal(0.02)


def _call(
    x: Tensor, keys: int, mask: Any, past: Any, attention_mask: Any, head_mask: Any, use_cache: bool, weights: bool
) -> LayerCall:
    """Return the call of a layer for documented arguments.

    Args:
        x: the states that attend. *Shape:* `[batch, query, hidden]`.
        keys: number of new keys.
        mask: 1 for masked positions; its last rows are those of the queries. *Shape:* `[all, all]`.
        past, attention_mask, head_mask, use_cache, weights: see `MultiHeadAttention`.
    """
    cache = given_past(ops, past, use_cache)
    bias = attention_mask
    if mask is not None:
        end = keys + (0 if cache is None else cache.length)
        later = mask[end - x.shape[1] : end, :end] * MASKED_POSITION
        bias = later if bias is None else bias + later
    caches = None if cache is None else {"attention": cache}
    return LayerCall({"attention": GivenScores(bias, False, (mask, attention_mask))}, None, caches, head_mask, weights)


def _documented(x: Tensor, call: LayerCall, owner: str) -> tuple[Tensor | None, dict[str, Any]]:
    """Return the documented mask of later positions, and the arguments by name, for the call of a layer."""
    cache, scores = call.cache("attention"), call.scores["attention"]
    if isinstance(scores, GivenScores):
        later, padding = scores.mask
    else:
        keys = x.shape[1] + (0 if cache is None else cache.length)
        later, padding = x.new_ones(keys, keys).triu_(1), padding_bias(call, x, MASKED_POSITION, owner)
    return later, documented_keywords(call, padding)


class MultiHeadAttention(Steps, tree=TREE):
    """CTRL's attention up to its last linear layer.

    Args:
        d_model_size: width of the states.
        num_heads: number of heads.
    """

    first_step, last_step = Step.MIX, Step.PROJECT

    def __init__(self, d_model_size: int, num_heads: int):
        sublayer = Sublayer("attention", attention(d_model_size, num_heads), before=NORM)
        self.build(sublayer, sublayer_weights(sublayer, d_model_size, _INIT), {"": sublayer}, None)

    def settled(self) -> None:
        """See `Container.settled`."""
        block: Any = self.spec.block
        self.num_heads, self.depth = block.heads, block.head_size
        self.d_model_size = block.heads * block.head_size
        self.pruned_heads = set(block.pruned)

    def read(
        self,
        v: Tensor,
        k: Tensor,
        q: Tensor,
        mask: Tensor | None,
        layer_past: Any = None,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        call = _call(q, k.shape[1], mask, layer_past, attention_mask, head_mask, use_cache, output_attentions)
        return (q, q, call) if v is k is q else (q, q, call, None, k, v)

    def compute(
        self, x: Any, y: Any, call: LayerCall, spec: Sublayer | None = None, k: Any = None, v: Any = None
    ) -> Computed:
        """Compute the attention; see `Steps.compute`. Keys and values may come from other states, `k` and `v`."""
        if k is None:
            return super().compute(x, y, call, spec)
        spec, call = attend_elsewhere(ops, self.parts, self.spec, k, v, call)
        return super().compute(x, y, call, spec)

    def write(self, computed: Computed, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        found = computed[1], documented_present(ops, given[2].cache("attention"))
        return found if computed[2] is None else (*found, computed[2])

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Arguments:
        """See `Container.arguments`."""
        later, given = _documented(y, call, "an attention")
        return Arguments(y, y, y, later, **given)

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Any) -> Computed:
        """See `Container.parse`."""
        keep_present(call.cache("attention"), result[1], "an attention")
        return x, result[0], result[2] if call.want_weights else None

    def split_into_heads(self, x: Tensor, batch_size: int) -> Tensor:
        """Split heads. *Shape:* `[batch, seq, heads * depth]` to `[batch, heads, seq, depth]`."""
        return x.reshape(batch_size, -1, self.num_heads, self.depth).transpose(1, 2)

    def prune_heads(self, heads: Any) -> None:
        """Remove heads, by their indices in the full attention."""
        prune_attention(self, set(heads))


class FeedForwardSequential(Update, tree=TREE, row="Sequential"):
    """What stands at `ffn`: PyTorch's own `nn.Sequential` of a linear layer, a ReLU and a linear layer.

    While it is that, its parts are computed one by one; anything else is called.
    """

    first_step, last_step = Step.MIX, Step.PROJECT

    @classmethod
    def bare(cls, tree: Any, scope: str, path: str, spec: Any, config: Any) -> Any:
        """See `Container.bare`."""
        return nn.Sequential()

    @classmethod
    def entered(cls, module: Any, training: bool | None = None) -> Any:
        """See `Steps.entered`."""
        plain = type(module) is nn.Sequential and len(module) == 3 and is_untouched(module)
        return None if plain else super().entered(module, training)


class EncoderLayer(LayerContainer, tree=TREE):
    """One layer of CTRL.

    Args:
        d_model_size: width of the states.
        num_heads: number of heads.
        dff: width inside the feed-forward block.
        rate: dropout after each block.
    """

    def __init__(self, d_model_size: int, num_heads: int, dff: int, rate: float = 0.1):
        spec = layer(attention(d_model_size, num_heads), dff, rate)
        specs = {sublayer.name: sublayer for sublayer in spec.sublayers}
        self.build(spec, layer_weights(spec, d_model_size, _INIT), specs, None)

    def read(
        self,
        x: Tensor,
        mask: Tensor | None,
        layer_past: Any = None,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        use_cache: bool = False,
        output_attentions: bool = False,
    ) -> Any:
        """See `Container.read`."""
        return x, _call(x, x.shape[1], mask, layer_past, attention_mask, head_mask, use_cache, output_attentions)

    def write(self, computed: Any, given: Any) -> tuple[Any, ...]:
        """See `Container.write`."""
        x, weights = computed
        return (x, documented_present(ops, given[1].cache("attention")), *weights)

    @classmethod
    def arguments(cls, x: Tensor, call: LayerCall) -> Arguments:
        """See `Container.arguments`."""
        later, given = _documented(x, call, "a layer")
        return Arguments(x, later, **given)

    @classmethod
    def parse(cls, result: Any, x: Tensor, call: LayerCall) -> Any:
        """See `Container.parse`."""
        keep_present(call.cache("attention"), result[1], "a layer")
        return result[0], tuple(result[2:3])


def point_wise_feed_forward_network(d_model_size: int, dff: int) -> nn.Sequential:
    """Return a linear layer, a ReLU and a linear layer. *Shape:* `[..., d_model_size]`, also of the result."""
    return nn.Sequential(nn.Linear(d_model_size, dff), nn.ReLU(), nn.Linear(dff, d_model_size))


def angle_defn(pos: Tensor, i: Tensor, d_model_size: int) -> Tensor:
    """Return the angle of each position in each dimension: two dimensions, sine and cosine, have one frequency.

    Args:
        pos: positions. *Shape:* `[positions, 1]`.
        i: dimensions. *Shape:* `[1, d_model_size]`.
        d_model_size: width of the states.

    Returns:
        *Shape:* `[positions, d_model_size]`.
    """
    pair = torch.div(i, 2, rounding_mode="floor")
    return pos * torch.pow(10000.0, -2 * pair / d_model_size)


def positional_encoding(position: int, d_model_size: int, dtype: torch.dtype) -> Tensor:
    """Return position embeddings: all sines, then all cosines. *Shape:* `[position, d_model_size]`."""
    return torch.from_numpy(sinusoids(position, d_model_size, "halves")).to(dtype)


def scaled_dot_product_attention(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    attention_mask: Tensor | None = None,
    head_mask: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Attend.

    Args:
        q, k, v: *Shape:* `[batch, heads, seq, depth]`.
        mask: 1 for masked positions; its last rows are those of the queries. *Shape:* `[all, all]`.
        attention_mask: added to the scores. *Shape:* broadcasts to `[batch, heads, query, key]`.
        head_mask: factor on the weights. *Shape:* likewise.

    Returns:
        The result, *shape* `[batch, heads, query, depth]`, and the weights, *shape* `[batch, heads, query, key]`.
    """
    queries, keys = q.shape[-2], k.shape[-2]
    scores = q @ k.transpose(-1, -2) / math.sqrt(k.shape[-1])
    if mask is not None:
        scores = scores + mask[keys - queries : keys, :keys] * MASKED_POSITION
    if attention_mask is not None:
        scores = scores + attention_mask
    weights = scores.softmax(-1)
    if head_mask is not None:
        weights = weights * head_mask
    return weights @ v, weights
