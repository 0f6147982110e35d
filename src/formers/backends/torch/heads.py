"""Heads: built at the attributes that their specs name, and run on the base model's output."""
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import Dense, Dropout, Head, Normalize, Reads, Vocabulary

from .activations import get_activation
from .norms import build_norm


class Group(nn.Module):
    """A node on the path to a head's modules; it may own a bias that a map below shares."""


def build_head(model: nn.Module, head: Head, hidden: int, vocabulary: int) -> None:
    """Create the modules of a head on `model`.

    Args:
        model: the model.
        head: the head's spec.
        hidden: width of what the head reads.
        vocabulary: number of words.
    """
    size = hidden
    for step in head.steps:
        match step:
            case Dense(path, outputs):
                _put(model, path, nn.Linear(size, outputs))
                size = outputs
            case Normalize(path, norm):
                _put(model, path, build_norm(norm, size))
            case Vocabulary(path, bias):
                linear = nn.Linear(size, vocabulary)
                _put(model, path, linear)
                if bias != f"{path}.bias":
                    _put(model, bias, linear.bias)


def run_head(model: nn.Module, head: Head, hidden: Tensor, pooled: Tensor | None) -> Tensor:
    """The head's output.

    Args:
        model: the model that carries the head's modules.
        head: the head's spec.
        hidden: last hidden states. *Shape:* `[batch, seq, hidden]`.
        pooled: the pooler's output. *Shape:* `[batch, hidden]`.

    Returns:
        *Shape:* `[batch, seq, size]` for heads on every token, else `[batch, size]`.
    """
    match head.reads:
        case Reads.EVERY_TOKEN:
            x = hidden
        case Reads.FIRST_TOKEN:
            x = hidden[:, 0]
        case Reads.POOLED if pooled is not None:
            x = pooled
        case other:
            raise NotImplementedError(f"the PyTorch backend has no head that reads {other.value}")
    for step in head.steps:
        match step:
            case Dropout(p):
                x = F.dropout(x, p, model.training)
            case Dense(path, _, activation):
                x = model.get_submodule(path)(x)
                if activation is not None:
                    x = get_activation(activation)(x)
            case Normalize(path) | Vocabulary(path):
                x = model.get_submodule(path)(x)
    return x


def _put(model: nn.Module, path: str, thing: nn.Module | nn.Parameter) -> None:
    *groups, leaf = path.split(".")
    for name in groups:
        if not hasattr(model, name):
            setattr(model, name, Group())
        model = getattr(model, name)
    setattr(model, leaf, thing)
