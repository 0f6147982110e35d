"""Activations by the names that configs use, on Keras tensors."""
from collections.abc import Callable
from functools import partial
from typing import Any

from keras import ops

from formers.network.activations import find_activation

Activation = Callable[[Any], Any]

relu: Activation = ops.relu
swish: Activation = ops.silu
gelu: Activation = partial(ops.gelu, approximate=False)
gelu_new: Activation = partial(ops.gelu, approximate=True)


def gelu_fast(x: Any) -> Any:
    """The tanh approximation of GELU with the constants of the name in v3.0.2 (`sqrt(2 / pi)` to ten digits)."""
    return 0.5 * x * (1.0 + ops.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x)))


def mish(x: Any) -> Any:
    """`x * tanh(softplus(x))` (Misra, 2019)."""
    return x * ops.tanh(ops.softplus(x))


ACT2FN: dict[str, Activation] = {
    "relu": relu,
    "swish": swish,
    "silu": swish,
    "gelu": gelu,
    "tanh": ops.tanh,
    "gelu_new": gelu_new,
    "gelu_fast": gelu_fast,
    "mish": mish,
}


def get_activation(activation: str | Activation) -> Activation:
    """Return the function of a name, or the function that is given; see `find_activation`."""
    return find_activation(activation, ACT2FN)
