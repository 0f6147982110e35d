"""Activations by the names that configs use."""
from collections.abc import Callable
from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

Activation = Callable[[Tensor], Tensor]

gelu: Activation = F.gelu
gelu_new: Activation = partial(F.gelu, approximate="tanh")
swish: Activation = F.silu
mish: Activation = F.mish


def gelu_fast(x: Tensor) -> Tensor:
    """The tanh approximation of GELU with the constants of the name in v3.0.2 (`sqrt(2 / pi)` to ten digits)."""
    return 0.5 * x * (1.0 + torch.tanh(x * 0.7978845608 * (1.0 + 0.044715 * x * x)))


ACT2FN: dict[str, Activation] = {
    "relu": F.relu,
    "swish": swish,
    "silu": swish,
    "gelu": gelu,
    "tanh": torch.tanh,
    "gelu_new": gelu_new,
    "gelu_fast": gelu_fast,
    "mish": mish,
}


def get_activation(activation: str | Activation) -> Activation:
    """The function of a name; functions are given back as they are.

    Raises:
        KeyError: the name is unknown; the error lists the known ones.
    """
    if callable(activation):
        return activation
    if activation not in ACT2FN:
        raise KeyError(f"unknown activation {activation!r}; known are {', '.join(ACT2FN)}, or pass a function")
    return ACT2FN[activation]
