"""Activations by the names that configs use."""
import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from formers.network.activations import find_activation

Activation = Callable[[Tensor], Tensor]

gelu: Activation = F.gelu
swish: Activation = F.silu
mish: Activation = F.mish


def gelu_new(x: Tensor) -> Tensor:
    """Compute the tanh approximation of GELU (Hendrycks and Gimpel, 2016)."""
    return F.gelu(x, approximate="tanh")


def _gelu_python(x: Tensor) -> Tensor:
    """Compute GELU, operation by operation."""
    return x * 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))


def gelu_fast(x: Tensor) -> Tensor:
    """Compute the tanh approximation of GELU with the constants of v3.0.2: `sqrt(2 / pi)` to ten digits."""
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
    """Return the function of a name, or the function that is given; see `find_activation`."""
    return find_activation(activation, ACT2FN)
