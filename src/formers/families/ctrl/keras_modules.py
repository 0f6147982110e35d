"""CTRL's Keras layers by themselves."""
import math
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy as np

from formers.architecture import AdditiveMask, LayerNorm, Normal, SelfAttention, Sublayer
from formers.architecture.sinusoids import sinusoids
from formers.backends.keras import Parts, TFAttentionLayer, TFAttentionSteps, TFTiedHead, inner_layer, ops
from formers.network.attention import weigh
from formers.network.call import LayerCall
from formers.network.layer import Step
from formers.network.weights import Weight, alone

from . import FAMILY, tasks
from .architecture import MASKED_POSITION, NORM, attention, layer

ARGUMENTS = ("mask", "layer_past", "attention_mask", "head_mask", "use_cache", "output_attentions")
INIT = Normal(0.02)


def _masks(mask: Any, attention_mask: Any) -> Any:
    """Return what is added to the scores, or None, for a mask with 1 for later positions, and that of padding."""
    if mask is None:
        return attention_mask
    return mask * MASKED_POSITION + (0.0 if attention_mask is None else attention_mask)


def _bias(self: Any, given: Mapping[str, Any]) -> Any:
    """See `TFAttending.bias`."""
    return _masks(given["mask"], given["attention_mask"])


class TFMultiHeadAttention(TFAttentionSteps, family=FAMILY, arguments=("value", "key", "query", *ARGUMENTS)):
    """CTRL's attention up to its last linear layer.

    Args:
        d_model_size: width of the states.
        num_heads: number of heads.
        **kwargs: passed to the Keras layer.
    """

    first_step, last_step = Step.MIX, Step.PROJECT
    bias = _bias

    def __init__(self, d_model_size: int, num_heads: int, **kwargs: Any):
        self.d_model_size, self.num_heads = d_model_size, num_heads
        super().__init__(None, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        block = attention(self.d_model_size, self.num_heads)
        return alone(Sublayer("attention", block, before=NORM), self.d_model_size, INIT)


class TFEncoderLayer(TFAttentionLayer, family=FAMILY, arguments=("x", *ARGUMENTS)):
    """One layer of CTRL.

    Args:
        d_model_size: width of the states.
        num_heads: number of heads.
        dff: width inside the feed-forward block.
        rate: dropout after each block.
        layer_norm_epsilon: added to the variance in norms.
        **kwargs: passed to the Keras layer.
    """

    bias = _bias

    def __init__(
        self, d_model_size: int, num_heads: int, dff: int, rate: float = 0.1, layer_norm_epsilon: float = 1e-6,
        **kwargs: Any,
    ):  # fmt: skip
        self.d_model_size, self.num_heads, self.dff = d_model_size, num_heads, dff
        self.rate, self.layer_norm_epsilon = rate, layer_norm_epsilon
        super().__init__(None, **kwargs)

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        block, norm = attention(self.d_model_size, self.num_heads), LayerNorm(self.layer_norm_epsilon)
        return alone(layer(block, self.dff, self.rate, norm=norm), self.d_model_size, INIT)


TFCTRLLMHead = inner_layer(
    __name__, FAMILY, "TFCTRLLMHead", TFTiedHead, "hidden_states", alone=("lm_head", tasks.LM_HEAD)
)


def point_wise_feed_forward_network(d_model_size: int, dff: int, name: str = "") -> keras.Sequential:
    """Return a linear layer, a ReLU and a linear layer. *Shape:* `[..., d_model_size]`, also of the result."""
    layers = [keras.layers.Dense(dff, activation="relu", name="0"), keras.layers.Dense(d_model_size, name="2")]
    return keras.Sequential(layers, name=name or "ffn")


def angle_defn(pos: Any, i: Any, d_model_size: int) -> np.ndarray:
    """Return the angle of each position in each dimension: two dimensions, sine and cosine, have one frequency.

    Args:
        pos: positions. *Shape:* `[positions, 1]`.
        i: dimensions. *Shape:* `[1, d_model_size]`.
        d_model_size: width of the states.

    Returns:
        *Shape:* `[positions, d_model_size]`.
    """
    return pos * np.power(10000.0, -2.0 * (np.asarray(i) // 2) / d_model_size)


def positional_encoding(position: int, d_model_size: int) -> Any:
    """Return position embeddings: all sines, then all cosines. *Shape:* `[position, d_model_size]`."""
    return keras.ops.convert_to_tensor(sinusoids(position, d_model_size, "halves"), "float32")


def scaled_dot_product_attention(
    q: Any, k: Any, v: Any, mask: Any, attention_mask: Any = None, head_mask: Any = None
) -> tuple[Any, Any]:
    """Attend.

    Args:
        q, k, v: *Shape:* `[batch, heads, seq, depth]`.
        mask: 1 for masked positions, or None. *Shape:* broadcasts to `[query, key]`.
        attention_mask: added to the scores. *Shape:* broadcasts to `[batch, heads, query, key]`.
        head_mask: factor on the weights. *Shape:* likewise.

    Returns:
        The result, *shape* `[batch, heads, query, depth]`, and the weights, *shape* `[batch, heads, query, key]`.
    """
    spec = SelfAttention(q.shape[1], k.shape[-1], 1 / math.sqrt(k.shape[-1]), AdditiveMask(MASKED_POSITION))
    call = LayerCall(head_mask=head_mask, want_weights=True)
    return weigh(ops, Parts(None, False), spec, q, k, v, _masks(mask, attention_mask), False, call)
