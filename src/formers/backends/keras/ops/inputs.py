"""Checks of what a caller gave, and facts about it. What is not known yet, in a compiled function, is not checked."""
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np
from keras import ops

from formers.network.errors import AXES, too_long, wrong_length, wrong_mask, wrong_shape

_symbolic: ContextVar[bool] = ContextVar("symbolic", default=False)


@contextmanager
def symbolic(given: bool) -> Iterator[None]:
    """Inside, tensors have shapes alone if `given`: a functional model is being built, perhaps with other lengths."""
    token = _symbolic.set(given)
    try:
        yield
    finally:
        _symbolic.reset(token)


def size(x: Any, axis: int) -> Any:
    """Return the length of an axis: a number, or a tensor where it is not known."""
    known = x.shape[axis]
    return ops.shape(x)[axis] if known is None else known


def is_known(value: Any, wanted: int, *others: Any) -> bool:
    """Tell whether a size is a certain number, in this call and in every other that a compiled function will serve."""
    return isinstance(value, int) and value == wanted


def masks_later_keys(past: Any) -> bool:
    """Tell whether `attend` masks later keys by itself where `past` keys come before those of the queries."""
    return is_known(past, 0)


def check_input(given: Any, name: str, axes: int) -> None:
    """Raise if ids or embeddings have another number of axes.

    Raises:
        ValueError: naming what was found.
    """
    if len(given.shape) != axes:
        raise wrong_shape(name, given.shape, AXES[axes])


def check_ids(ids: Any, rows: int, name: str) -> None:
    """Raise if ids are out of range; Keras counts negative ones from the end.

    Args:
        ids: ids. Where they have no values yet, or on JAX, nothing is checked.
        rows: number of ids that there are.
        name: what the caller calls them.

    Raises:
        IndexError: naming the first id that is out of range, and its position.
    """
    if not hasattr(ids, "numpy"):
        return
    values = np.asarray(ids.numpy())
    if not values.size or (values.min() >= 0 and values.max() < rows):
        return
    index = tuple(np.argwhere((values < 0) | (values >= rows))[0].tolist())
    advice = ""
    if name == "input_ids":
        advice = (
            ": check that the tokenizer belongs to the model; after adding tokens call "
            "model.resize_token_embeddings(len(tokenizer))"
        )
    raise IndexError(f"{name}{list(index)} is {values[index]}, but the model knows 0 to {rows - 1}{advice}")


def check_width(embeds: Any, size: int, name: str) -> Any:
    """Return vectors of the length `size`.

    Raises:
        ValueError: they have another length.
    """
    if embeds.shape[-1] not in (None, size):
        raise wrong_shape(name, embeds.shape, f"[batch, seq, {size}]")
    return embeds


def check_length(ids: Any, length: Any, name: str) -> None:
    """Raise if ids are of another number of positions than the input.

    Raises:
        ValueError: naming both.
    """
    if len(ids.shape) and isinstance(length, int) and ids.shape[-1] not in (None, length):
        raise wrong_length(name, ids.shape, length)


def check_capacity(length: Any, known: int) -> None:
    """Raise if an input, with what came before it, is longer than the model knows positions.

    Raises:
        ValueError: naming both lengths.
    """
    if isinstance(length, int) and length > known and not _symbolic.get():
        raise too_long(length, known)


def checked_mask(mask: Any, states: Any, length: Any, name: str) -> Any | None:
    """Return a mask of the right shape.

    Args:
        mask: *Shape:* `[batch, key]` or `[batch, query, key]`.
        states: what it belongs to. *Shape:* `[batch, seq, hidden]`.
        length: number of keys.
        name: what the caller calls it.

    Raises:
        ValueError: it has another shape.
    """
    if mask is None:
        return None
    batch = states.shape[0]
    wrong_batch = None not in (batch, mask.shape[0]) and mask.shape[0] not in (1, batch)
    wrong_length = isinstance(length, int) and mask.shape[-1] not in (None, length)
    if len(mask.shape) not in (2, 3) or wrong_batch or wrong_length:
        raise wrong_mask(name, mask.shape, batch, length)
    return mask


def as_ids(x: Any) -> Any:
    """Return truth values, or numbers, as whole numbers."""
    return ops.cast(x, "int32")


def as_labels(x: Any) -> Any:
    """Return labels as a tensor."""
    return ops.convert_to_tensor(x)


def last_index(input_ids: Any | None, token: int, hidden: Any) -> Any:
    """Return the last position of every row that holds a token. *Shape:* `[batch, seq]` to `[batch]`.

    Raises:
        ValueError: a row does not hold it.
    """
    found = None if input_ids is None else ops.equal(input_ids, token)
    pairs = [] if found is None else zip(found.shape, hidden.shape, strict=False)
    fits = all(a == b for a, b in pairs if None not in (a, b))
    # In a compiled function there are no values to look at.
    if not fits or found is None or (hasattr(found, "numpy") and not bool(ops.all(ops.any(found, axis=1)))):
        raise ValueError(
            f"every row of input_ids needs the end-of-sentence token {token}: the classifier reads its last one"
        )
    after = ops.argmax(ops.flip(ops.cast(found, "int32"), axis=1), axis=1)
    return size(found, 1) - 1 - ops.cast(after, "int32")
