"""Facts about what a graph is called with, and limits of it that the model checks before every call."""
from typing import Any

from formers.network.errors import AXES, too_long, wrong_length, wrong_shape

from ..graph import INT, Symbol


def size(x: Symbol, axis: int) -> int | Symbol:
    """Return the length of an axis: a number, or a scalar of the graph."""
    return x.graph.size(x, axis)


def is_known(value: Any, wanted: int, *others: Any) -> bool:
    """Tell whether a size is a certain number in every call of the graph."""
    return isinstance(value, int) and value == wanted


def masks_later_keys(past: Any) -> bool:
    """Tell whether `attend` masks later keys by itself where `past` keys come before those of the queries."""
    return True


def check_input(given: Symbol, name: str, axes: int) -> None:
    """Raise if ids or embeddings have another number of axes.

    Raises:
        ValueError: naming what was found.
    """
    if given.rank != axes:
        raise wrong_shape(name, given.shape, AXES[axes])


def check_width(embeds: Symbol, size: int, name: str) -> Symbol:
    """Return vectors of the length `size`.

    Raises:
        ValueError: they have another length.
    """
    if embeds.shape[-1] != size:
        raise wrong_shape(name, embeds.shape, f"[batch, seq, {size}]")
    return embeds


def check_length(ids: Symbol, length: Any, name: str) -> None:
    """Raise if ids are known to be of another number of positions than the input.

    Raises:
        ValueError: naming both.
    """
    dim = ids.graph.dim(length)
    if isinstance(dim, int) and isinstance(ids.shape[-1], int) and ids.shape[-1] != dim:
        raise wrong_length(name, ids.shape, dim)


def check_capacity(length: Any, known: int) -> None:
    """Note that an axis has at most `known` positions, or raise if it is known to have more.

    Raises:
        ValueError: naming both lengths.
    """
    if isinstance(length, Symbol):
        length.graph.limit(length, known)
    elif length > known:
        raise too_long(length, known)


def checked_mask(mask: Symbol | None, states: Symbol, length: Any, name: str) -> Symbol | None:
    """Return a mask of the right shape.

    Args:
        mask: *Shape:* `[batch, key]` or `[batch, query, key]`.
        states: what it belongs to. *Shape:* `[batch, seq, hidden]`.
        length: number of keys.
        name: what the caller calls it.

    Raises:
        ValueError: it is known to have another shape.
    """
    if mask is None:
        return None
    if mask.rank not in (2, 3):
        raise wrong_shape(name, mask.shape, "[batch, key] or [batch, query, key]")
    check_length(mask, length, name)
    return mask


def last_index(input_ids: Symbol | None, token: int, hidden: Symbol) -> Symbol:
    """Return the last position of every row that holds a token. *Shape:* `[batch, seq]` to `[batch]`.

    Raises:
        ValueError: there are no ids to look at.
    """
    if input_ids is None:
        raise ValueError(f"the classifier reads the last token {token} of input_ids, which are not given")
    found = (input_ids == token).cast(INT)
    return found.graph.node(
        "ArgMax", found, dtype=INT, shape=found.shape[:1], axis=1, keepdims=0, select_last_index=1
    )
