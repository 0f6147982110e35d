"""Layers in NumPy, written from what their specs say: what the models of every backend are compared with."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from formers.architecture import (
    AdditiveMask,
    Bucketed,
    CrossAttention,
    FeedForward,
    Layer,
    LayerNorm,
    Norm,
    RMSNorm,
    SelfAttention,
    Stack,
)
from formers.architecture.buckets import bucket_of_distance

Weights = Callable[[str], Any]
"""The network's name of a weight below a stack -> its values, linear ones as `[out, in]`; None where it has none."""

ACTIVATIONS = {
    "gelu": lambda x: x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2))),
    "gelu_new": lambda x: 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "relu": lambda x: np.maximum(x, 0),
    "tanh": np.tanh,
    "swish": lambda x: x / (1 + np.exp(-x)),
}


def weights_of(model: Any, names: Any, scope: str = "", prefix: str = "") -> Weights:
    """The weights of a PyTorch model by the network's names.

    Args:
        model: the model.
        names: its family's table.
        scope: `encoder.` or `decoder.` for a stack of two.
        prefix: of the base model in the state dict.
    """
    state = {name: value.double().numpy() for name, value in model.state_dict().items()}

    def find(name: str) -> Any:
        path = names.hub_name(scope + name)
        value = None if path is None else state.get(prefix + path)
        return value.T if value is not None and names.is_transposed(scope + name) else value

    return find


def run_layer(
    weights: Weights,
    layer: Layer,
    name: str,
    x: np.ndarray,
    mask: np.ndarray,
    stack: Stack,
    encoded: np.ndarray | None = None,
    encoder_mask: np.ndarray | None = None,
) -> np.ndarray:
    """Compute a layer.

    Args:
        weights: those of the stack.
        layer: what it is.
        name: the network's name of it.
        x: *Shape:* `[batch, seq, hidden]`.
        mask: 1 for visible positions. *Shape:* `[batch, seq]`.
        stack: its stack, which has the position biases.
        encoded, encoder_mask: an encoder's states and mask.
    """
    for sublayer in layer.sublayers:
        at = f"{name}.{sublayer.name}"
        y = x if sublayer.before is None else norm(weights, f"{at}.norm", sublayer.before, x)
        block = sublayer.block
        if isinstance(block, FeedForward):
            y = feed_forward(weights, at, block, y)
        elif isinstance(block, SelfAttention):
            bias = position_bias(weights, "position_bias", stack.position_bias, x.shape[1], x.shape[1])
            y = attention(weights, at, block, y, y, mask, bias)
        elif encoded is None:
            continue
        else:
            bias = position_bias(weights, "cross_position_bias", stack.cross_position_bias, x.shape[1], encoded.shape[1])
            y = attention(weights, at, block, y, encoded, encoder_mask, bias)
        x = x + y
        if sublayer.after is not None:
            x = norm(weights, f"{at}.norm", sublayer.after, x)
    return x


def linear(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    bias = weights(f"{name}.bias")
    y = x @ weights(f"{name}.weight").T
    return y if bias is None else y + bias


def norm(weights: Weights, name: str, spec: Norm, x: np.ndarray) -> np.ndarray:
    weight = weights(f"{name}.weight")
    if isinstance(spec, RMSNorm):
        return x / np.sqrt((x**2).mean(-1, keepdims=True) + spec.eps) * weight
    if isinstance(spec, LayerNorm):
        x = (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + spec.eps)
    return x * weight + weights(f"{name}.bias")


def feed_forward(weights: Weights, name: str, spec: FeedForward, x: np.ndarray) -> np.ndarray:
    inner = ACTIVATIONS[spec.activation](linear(weights, f"{name}.{'gate' if spec.gated else 'up'}", x))
    if spec.gated:
        inner = inner * linear(weights, f"{name}.linear", x)
    return linear(weights, f"{name}.down", inner)


def attention(
    weights: Weights, name: str, spec: SelfAttention | CrossAttention, x: np.ndarray, source: np.ndarray, mask: Any, bias: Any
) -> np.ndarray:
    if getattr(spec, "projections", "separate") == "joined":
        query, key, value = np.split(linear(weights, f"{name}.qkv", x), 3, -1)
    else:
        query, key = linear(weights, f"{name}.query", x), linear(weights, f"{name}.key", source)
        value = linear(weights, f"{name}.value", source)

    def heads(y: np.ndarray) -> np.ndarray:
        return y.reshape(*y.shape[:2], spec.heads, spec.head_size).swapaxes(1, 2)

    scores = heads(query) @ heads(key).swapaxes(-1, -2) * spec.scale + bias
    visible = np.broadcast_to(mask[:, None, None, :] > 0, scores.shape)
    if getattr(spec, "causal", False):
        visible = visible & np.tril(np.ones(scores.shape[-2:], bool))
    fill = spec.mask.fill if isinstance(spec.mask, AdditiveMask) else -np.inf
    scores = np.where(visible, scores, scores + fill)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    mixed = shares / shares.sum(-1, keepdims=True) @ heads(value)
    joined = mixed.swapaxes(1, 2).reshape(*x.shape[:2], spec.heads * spec.head_size)
    return linear(weights, f"{name}.output", joined)


def position_bias(weights: Weights, name: str, spec: Bucketed | None, queries: int, keys: int) -> Any:
    """The bias on the scores. *Shape:* `[1, heads, query, key]`, or 0 without one."""
    if spec is None:
        return 0.0
    distance = np.arange(keys)[None, :] - np.arange(queries)[:, None]
    buckets = bucket_of_distance(spec)[np.clip(distance, -spec.max_distance, spec.max_distance) + spec.max_distance]
    return weights(f"{name}.table.weight")[buckets].transpose(2, 0, 1)[None]
