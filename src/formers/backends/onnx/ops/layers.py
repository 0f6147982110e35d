"""Operations on the parts of a model: linear layers, norms, embeddings, activations."""
from collections.abc import Callable
from typing import Any

import numpy as np

from formers.architecture import LayerNorm, NoNorm, RMSNorm

from ..graph import FLOAT, INT, MICROSOFT, Symbol
from ..parts import Part
from .arrays import elementwise, mean_of_last


def linear(part: Part, x: Symbol) -> Symbol:
    """Compute a linear layer. *Shape:* `[..., in]` to `[..., out]`."""
    y = _product(x, part.weight, transposed=not part.in_out)
    return y if part.bias is None else y + part.bias


def _product(x: Symbol, weight: Symbol, transposed: bool) -> Symbol:
    """Multiply with a weight as it lies in the file: `[out, in]` if `transposed`, else `[in, out]`."""
    shape = (*x.shape[:-1], weight.shape[0 if transposed else 1])
    if not transposed:
        return x.graph.node("MatMul", x, weight, dtype=FLOAT, shape=shape)
    return x.graph.node("FusedMatMul", x, weight, dtype=FLOAT, shape=shape, domain=MICROSOFT, transB=1)


def token_scores(part: Part, x: Symbol, bias: Part) -> Symbol:
    """Score the vocabulary by the token embeddings. *Shape:* `[..., size]` to `[..., vocabulary]`."""
    return _product(x, part.weight, transposed=True) + bias.weight


def norm(part: Part, x: Symbol) -> Symbol:
    """Compute a norm. *Shape:* `[..., hidden]`."""
    match part.norm:
        case LayerNorm(eps):
            given = (x, part.weight, part.bias)
            return x.graph.node("LayerNormalization", *given, dtype=FLOAT, shape=x.shape, axis=-1, epsilon=eps)
        case RMSNorm(eps):
            # ONNX Runtime makes one node of this.
            return x / elementwise("Sqrt", mean_of_last(x * x) + eps) * part.weight
        case NoNorm():
            return x * part.weight + part.bias


def dropout(part: Any, x: Symbol, rate: float, training: bool) -> Symbol:
    """Return the values as they are: a graph is not trained."""
    return x


def dropout_of(part: Any, rate: float, training: bool) -> Callable[[Symbol], Symbol]:
    """Return the dropout of attention weights, which drops nothing."""
    return lambda weights: weights


def _gelu_fast(x: Symbol) -> Symbol:
    """Compute the tanh approximation of GELU with `sqrt(2 / pi)` to ten digits."""
    return x * 0.5 * (elementwise("Tanh", x * 0.7978845608 * (x * x * 0.044715 + 1.0)) + 1.0)


def _swish(x: Symbol) -> Symbol:
    return x * elementwise("Sigmoid", x)


ACTIVATIONS: dict[str, Callable[[Symbol], Symbol]] = {
    "relu": lambda x: elementwise("Relu", x),
    "swish": _swish,
    "silu": _swish,
    "gelu": lambda x: elementwise("Gelu", x),
    "tanh": lambda x: elementwise("Tanh", x),
    "gelu_new": lambda x: elementwise("Gelu", x, approximate="tanh"),
    "gelu_fast": _gelu_fast,
    "mish": lambda x: elementwise("Mish", x),
}


def activate(part: Any, name: Any, x: Symbol) -> Symbol:
    """Apply an activation.

    Raises:
        KeyError: its name is unknown, or it is a function of another framework.
    """
    if not isinstance(name, str) or name not in ACTIVATIONS:
        raise KeyError(f"the ONNX backend has no activation {name!r}; it knows {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name](x)


def embed(part: Part, ids: Symbol, name: str) -> Symbol:
    """Look vectors up.

    Args:
        part: the embeddings.
        ids: *Shape:* `[...]`.
        name: what the caller calls them; the model checks their range where they are an input.

    Returns:
        *Shape:* `[..., size]`.
    """
    table = part.weight
    if name in ids.graph.inputs:
        ids.graph.rows[name] = rows(part) - part.offset
    return ids.graph.node("Gather", table, ids, dtype=FLOAT, shape=(*ids.shape, table.shape[1]), axis=0)


def rows(part: Part) -> int:
    """Return the number of rows of embeddings."""
    count = part.weight.shape[0]
    assert isinstance(count, int)
    return count


def first_row(part: Part) -> Symbol:
    """Return the vector of id 0. *Shape:* `[size]`."""
    return part.weight[0]


def consecutive_rows(part: Any, constant: Any, start: Any, hidden: Symbol, ids: Any) -> Symbol:
    """Return the vectors of consecutive positions.

    Args:
        part: the embeddings, or None.
        constant: a computed table in their place.
        start: row of the first position.
        hidden: one position of it is one row. *Shape:* `[batch, seq, size]`.
        ids: the token ids.

    Returns:
        *Shape:* `[seq, size]`.
    """
    table = part.weight if constant is None else hidden.graph.constant(constant, FLOAT)
    length = hidden.graph.size(hidden, 1)
    taken = table[start : length + start]
    # However the bounds are written, there is one row a position.
    return Symbol(hidden.graph, taken.name, FLOAT, (hidden.shape[1], table.shape[1]))


def take_rows(constant: np.ndarray, ids: Symbol, like: Symbol | None = None) -> Symbol:
    """Return rows of a computed table by their indices."""
    table = ids.graph.constant(constant, FLOAT if constant.dtype.kind == "f" else INT)
    return ids.graph.node("Gather", table, ids, dtype=table.dtype, shape=(*ids.shape, *table.shape[1:]), axis=0)
