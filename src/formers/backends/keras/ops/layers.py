"""Operations on the parts of a model, which are Keras layers: linear layers, norms, embeddings, dropout."""
from collections.abc import Callable
from functools import partial
from typing import Any

from keras import ops

from ..activations import get_activation
from ..embeddings import TFSharedEmbeddings
from .inputs import check_ids


def linear(part: Any, x: Any) -> Any:
    """Compute a linear layer. *Shape:* `[..., in]` to `[..., out]`."""
    return part(x)


def norm(part: Any, x: Any) -> Any:
    """Compute a norm. *Shape:* `[..., hidden]`."""
    return part(x)


def dropout(part: Any, x: Any, rate: float, training: bool) -> Any:
    """Drop values in training.

    Args:
        part: a layer, or None where nothing is dropped.
        x: the values.
        rate: the rate of the spec, which the layer has.
        training: whether the model is trained.
    """
    return part(x, training=True) if training and part is not None else x


def dropout_of(part: Any, rate: float, training: bool) -> Callable[[Any], Any]:
    """Return the dropout of attention weights."""
    return partial(dropout, part, rate=rate, training=training)


def activate(part: Any, name: str, x: Any) -> Any:
    """Apply the activation of the name; there are no parts for them."""
    return get_activation(name)(x)


def weight_of(part: Any) -> Any:
    """Return the variable with the vectors of embeddings."""
    return part.weight if isinstance(part, TFSharedEmbeddings) else part.embeddings


def embed(part: Any, ids: Any, name: str) -> Any:
    """Look vectors up.

    Args:
        part: the embeddings.
        ids: *Shape:* `[...]`.
        name: what the caller calls them.

    Returns:
        *Shape:* `[..., size]`.

    Raises:
        IndexError: ids are out of range (where they have values).
    """
    check_ids(ids, rows(part), name)
    return part(ids)


def rows(part: Any) -> int:
    """Return the number of rows of embeddings."""
    return weight_of(part).shape[0]


def first_row(part: Any) -> Any:
    """Return the vector of id 0. *Shape:* `[size]`."""
    return ops.cast(weight_of(part)[0], part.compute_dtype)


def consecutive_rows(part: Any, constant: Any, start: Any, hidden: Any, ids: Any | None) -> Any:
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
    table = weight_of(part) if constant is None else constant
    length = hidden.shape[1]
    if isinstance(start, int) and length is not None and start + length <= table.shape[0]:
        found = table[start : start + length]
    else:
        found = ops.take(table, ops.arange(ops.shape(hidden)[1]) + start, axis=0)
    return ops.cast(found, hidden.dtype)


def take_rows(constant: Any, ids: Any, like: Any = None) -> Any:
    """Return rows of a computed table by their indices."""
    table = ops.convert_to_tensor(constant, None if like is None else like.dtype)
    return ops.take(table, ids, axis=0)


def token_scores(part: Any, x: Any, bias: Any) -> Any:
    """Score the vocabulary by the token embeddings. *Shape:* `[..., size]` to `[..., vocabulary]`."""
    return part(x, mode="linear") + ops.cast(bias, x.dtype)

