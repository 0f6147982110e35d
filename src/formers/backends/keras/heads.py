"""Heads: built at the attributes that their specs name, and run on the base model's output."""
from typing import Any

import keras

from formers.architecture import Dense, Dropout, Head, Normalize, Reads, Vocabulary

from .activations import get_activation
from .construction import dense, drop, dropout
from .embeddings import TFSharedEmbeddings
from .norms import build_norm


class Group(keras.layers.Layer):
    """A node on the path to a head's layers; it may own a bias that a map below shares."""

    def __init__(self, name: str):
        super().__init__(name=name)
        self.built = True


class ToVocabulary(keras.layers.Layer):
    """The map to the vocabulary: the table of words, and a bias.

    Args:
        table: the table.
        name: name of the layer.
        bias: the bias, where another layer owns it.
    """

    def __init__(self, table: TFSharedEmbeddings, name: str, bias: Any | None = None):
        super().__init__(name=name)
        self.table = table
        if bias is None:
            bias = self.add_weight(shape=(table.vocab_size,), initializer="zeros", name="bias")
        self.bias = bias
        self.built = True

    def call(self, hidden: Any) -> Any:
        """Score all words. *Shape:* `[..., hidden]` to `[..., vocabulary]`."""
        return self.table(hidden, mode="linear") + self.bias


def build_head(model: keras.layers.Layer, head: Head, hidden: int, std: float, table: TFSharedEmbeddings) -> None:
    """Create the layers of a head on `model`.

    Args:
        model: the model.
        head: the head's spec.
        hidden: width of what the head reads.
        std: standard deviation of fresh weights.
        table: the table of words.
    """
    size = hidden
    for number, step in enumerate(head.steps):
        match step:
            case Dense(path, outputs):
                _put(model, path, dense(size, outputs, std, _leaf(path)))
                size = outputs
            case Normalize(path, norm):
                _put(model, path, build_norm(norm, size, _leaf(path)))
            case Vocabulary(path, bias):
                shared = None
                if bias is not None and bias != f"{path}.bias":
                    group, _, leaf = bias.rpartition(".")
                    owner = _group(model, group)
                    shared = owner.add_weight(shape=(table.vocab_size,), initializer="zeros", name=leaf)
                    setattr(owner, leaf, shared)
                _put(model, path, ToVocabulary(table, _leaf(path), shared))
            case Dropout(p) if p:
                setattr(model, _dropout(head, number), dropout(p))


def run_head(model: Any, head: Head, hidden: Any, pooled: Any | None, training: bool) -> Any:
    """The head's output.

    Args:
        model: the model that carries the head's layers.
        head: the head's spec.
        hidden: last hidden states. *Shape:* `[batch, seq, hidden]`.
        pooled: the pooler's output. *Shape:* `[batch, hidden]`.
        training: drop values.

    Returns:
        *Shape:* `[batch, seq, size]` for heads on every token, else `[batch, size]`.
    """
    if head.reads is Reads.EVERY_TOKEN:
        x = hidden
    elif head.reads is Reads.FIRST_TOKEN:
        x = hidden[:, 0]
    elif head.reads is Reads.POOLED and pooled is not None:
        x = pooled
    else:
        raise NotImplementedError(f"the Keras backend has no head that reads {head.reads}")
    for number, step in enumerate(head.steps):
        if isinstance(step, Dropout):
            x = drop(getattr(model, _dropout(head, number), None), x, training)
            continue
        if not isinstance(step, Dense | Normalize | Vocabulary):
            raise NotImplementedError(f"the Keras backend has no step {step!r}")
        x = find(model, step.path)(x)
        if isinstance(step, Dense) and step.activation is not None:
            x = get_activation(step.activation)(x)
    return x


def find(model: Any, path: str) -> Any:
    """The layer at a path of attributes."""
    for name in path.split("."):
        model = getattr(model, name)
    return model


def _leaf(path: str) -> str:
    return path.rpartition(".")[2]


def _dropout(head: Head, number: int) -> str:
    return f"dropout_{head.outputs[0]}_{number}"


def _group(model: Any, path: str) -> Any:
    for name in path.split(".") if path else ():
        if not hasattr(model, name):
            setattr(model, name, Group(name))
        model = getattr(model, name)
    return model


def _put(model: Any, path: str, thing: Any) -> None:
    group, _, leaf = path.rpartition(".")
    setattr(_group(model, group), leaf, thing)
