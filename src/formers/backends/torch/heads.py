"""Heads: built at the attributes that their specs name, and run on the base model's output."""
from collections.abc import Mapping
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import (
    At,
    Dense,
    Dropout,
    Head,
    LastOf,
    Normalize,
    Reads,
    Scale,
    Vocabulary,
    WordTable,
)

from .activations import get_activation
from .fixed import word_scores
from .linear import Linear, linear
from .norms import build_norm


class Group(nn.Module):
    """A node on the path to a head's modules; it may own a bias that a map below shares."""


class Pooler(nn.Module):
    """A dense layer with an activation on the first position. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""

    def __init__(self, hidden: int, activation: str):
        super().__init__()
        self.dense = Linear(hidden, hidden)
        self.activation = get_activation(activation)

    def forward(self, hidden: Tensor) -> Tensor:
        """Pool."""
        return self.activation(self.dense(hidden[:, 0]))


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
                _put(model, path, Linear(size, outputs))
                size = outputs
            case Normalize(path, norm):
                _put(model, path, build_norm(norm, size))
            case Vocabulary(path, bias):
                words = Linear(size, vocabulary, bias is not None)
                _put(model, path, words)
                if bias not in (None, f"{path}.bias"):
                    _put(model, bias, words.bias)
            case WordTable(bias):
                model.register_buffer(bias, torch.zeros(1, vocabulary))


def run_head(model: Any, head: Head, hidden: Tensor, pooled: Tensor | None, inputs: Mapping[str, Any]) -> Tensor:
    """The head's output.

    Args:
        model: the model that carries the head's modules.
        head: the head's spec.
        hidden: last hidden states. *Shape:* `[batch, seq, hidden]`.
        pooled: the pooler's output. *Shape:* `[batch, hidden]`.
        inputs: arguments of the call.

    Returns:
        *Shape:* `[batch, seq, size]` for heads on every token, else `[batch, size]`.
    """
    x = _read(head.reads, hidden, pooled, inputs)
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
            case Scale(factor):
                x = x * factor
            case WordTable(bias):
                words, added = model.get_input_embeddings(), getattr(model, bias)[0]
                scores = word_scores(words, x, added)
                x = linear(x, words.weight, added) if scores is None else scores
    return x


def _read(reads: Reads | LastOf | At, hidden: Tensor, pooled: Tensor | None, inputs: Mapping[str, Any]) -> Tensor:
    """What a head reads. *Shape:* `[batch, seq, hidden]` or `[batch, hidden]`."""
    match reads:
        case Reads.EVERY_TOKEN:
            return hidden
        case Reads.FIRST_TOKEN:
            return hidden[:, 0]
        case Reads.LAST_TOKEN:
            return hidden[:, -1]
        case Reads.MEAN:
            return hidden.mean(1)
        case Reads.POOLED:
            assert pooled is not None
            return pooled
        case At(argument):
            index = inputs.get(argument)
            if index is None:
                return hidden[:, -1]
            return hidden[torch.arange(len(hidden), device=hidden.device), index.reshape(-1)]
        case LastOf(token):
            return _last_of(token, hidden, inputs["input_ids"])


def _last_of(token: int, hidden: Tensor, input_ids: Tensor) -> Tensor:
    found = input_ids == token
    if not bool(found.any(1).all()) or found.shape != hidden.shape[:2]:
        raise ValueError(
            f"every row of input_ids needs the end-of-sentence token {token}: the classifier reads its last one"
        )
    last = found.shape[1] - 1 - found.flip(1).int().argmax(1)
    return hidden[torch.arange(len(hidden), device=hidden.device), last]


def _put(model: nn.Module, path: str, thing: nn.Module | nn.Parameter) -> None:
    *groups, leaf = path.split(".")
    for name in groups:
        if not hasattr(model, name):
            setattr(model, name, Group())
        model = getattr(model, name)
    setattr(model, leaf, thing)
