"""Heads: built at the attributes that their specs name, and run on the base model's output."""
from collections.abc import Mapping
from typing import Any

import keras
from keras import ops

from formers.architecture import (
    At,
    Dense,
    Dropout,
    Head,
    Init,
    LastOf,
    Normalize,
    Reads,
    Scale,
    Vocabulary,
    WordTable,
)

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
    """The map to the vocabulary: the table of words, and perhaps a bias.

    Args:
        table: the table.
        name: name of the layer.
        bias: a bias that another layer owns; True for one of its own.
    """

    def __init__(self, table: TFSharedEmbeddings, name: str, bias: Any | None = None):
        super().__init__(name=name)
        self.table = table
        if bias is True:
            bias = self.add_weight(shape=(table.vocab_size,), initializer="zeros", name="bias")
        self.bias = bias
        self.built = True

    def call(self, hidden: Any) -> Any:
        """Score all words. *Shape:* `[..., hidden]` to `[..., vocabulary]`."""
        scores = self.table(hidden, mode="linear")
        return scores if self.bias is None else scores + self.bias


def build_head(model: Any, head: Head, hidden: int, init: Init, table: TFSharedEmbeddings) -> None:
    """Create the layers of a head on `model`.

    Args:
        model: the model.
        head: the head's spec.
        hidden: width of what the head reads.
        init: where fresh weights come from.
        table: the table of words.
    """
    size = hidden
    for number, step in enumerate(head.steps):
        match step:
            case Dense(path, outputs):
                _put(model, path, dense(size, outputs, init, _leaf(path)))
                size = outputs
            case Normalize(path, norm):
                _put(model, path, build_norm(norm, size, _leaf(path)))
            case Vocabulary(path, bias, tied=False):
                _put(model, path, dense(size, table.vocab_size, init, _leaf(path), bias is not None))
            case Vocabulary(path, bias):
                shared = True if bias == f"{path}.bias" else None
                if bias is not None and shared is None:
                    group, _, leaf = bias.rpartition(".")
                    owner = _group(model, group)
                    shared = owner.add_weight(shape=(table.vocab_size,), initializer="zeros", name=leaf)
                    setattr(owner, leaf, shared)
                _put(model, path, ToVocabulary(table, _leaf(path), shared))
            case WordTable(bias):
                shape = (1, table.vocab_size)
                fixed = model.add_weight(shape=shape, initializer="zeros", trainable=False, name=bias)
                setattr(model, bias, fixed)
            case Dropout(p) if p:
                setattr(model, _dropout(head, number), dropout(p))


def run_head(
    model: Any, head: Head, hidden: Any, pooled: Any | None, inputs: Mapping[str, Any], training: bool
) -> Any:
    """The head's output.

    Args:
        model: the model that carries the head's layers.
        head: the head's spec.
        hidden: last hidden states. *Shape:* `[batch, seq, hidden]`.
        pooled: the pooler's output. *Shape:* `[batch, hidden]`.
        inputs: arguments of the call.
        training: drop values.

    Returns:
        *Shape:* `[batch, seq, size]` for heads on every token, else `[batch, size]`.
    """
    x = _read(head.reads, hidden, pooled, inputs)
    for number, step in enumerate(head.steps):
        match step:
            case Dropout():
                x = drop(getattr(model, _dropout(head, number), None), x, training)
            case Dense(path, _, activation):
                x = find(model, path)(x)
                if activation is not None:
                    x = get_activation(activation)(x)
            case Normalize(path) | Vocabulary(path):
                x = find(model, path)(x)
            case Scale(factor):
                x = x * factor
            case WordTable(bias):
                x = model.get_input_embeddings()(x, mode="linear")
                x = x + ops.cast(getattr(model, bias), x.dtype)
    return x


def _read(reads: Reads | LastOf | At, hidden: Any, pooled: Any | None, inputs: Mapping[str, Any]) -> Any:
    """What a head reads. *Shape:* `[batch, seq, hidden]` or `[batch, hidden]`."""
    match reads:
        case Reads.EVERY_TOKEN:
            return hidden
        case Reads.FIRST_TOKEN:
            return hidden[:, 0]
        case Reads.LAST_TOKEN:
            return hidden[:, -1]
        case Reads.MEAN:
            return ops.mean(hidden, axis=1)
        case Reads.POOLED:
            assert pooled is not None
            return pooled
        case At(argument):
            places = inputs.get(argument)
            return hidden[:, -1] if places is None else _at(hidden, ops.reshape(places, (-1,)))
        case LastOf(token):
            return _last_of(token, hidden, inputs["input_ids"])


def _last_of(token: int, hidden: Any, input_ids: Any) -> Any:
    found = ops.equal(input_ids, token)
    # In a compiled function there are no values to look at.
    known = not hasattr(found, "numpy") or bool(ops.all(ops.any(found, axis=1)))
    if not known or None not in (*found.shape, *hidden.shape[:2]) and tuple(found.shape) != tuple(hidden.shape[:2]):
        raise ValueError(
            f"every row of input_ids needs the end-of-sentence token {token}: the classifier reads its last one"
        )
    after = ops.argmax(ops.flip(ops.cast(found, "int32"), axis=1), axis=1)
    return _at(hidden, ops.shape(found)[1] - 1 - ops.cast(after, "int32"))


def _at(hidden: Any, places: Any) -> Any:
    """One position of each row. *Shape:* `[batch, hidden]`."""
    return ops.take_along_axis(hidden, ops.cast(places, "int32")[:, None, None], axis=1)[:, 0]


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
