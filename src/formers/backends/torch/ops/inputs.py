"""Checks of what a caller gave, and facts about it."""
from typing import Any

import torch
from torch import Tensor

from formers.network.errors import AXES, too_long, wrong_length, wrong_mask, wrong_shape

from .products import is_plain_eager


def size(x: Tensor, axis: int) -> int:
    """Return the length of an axis."""
    return x.shape[axis]


def is_known(value: Any, wanted: int, *others: Any) -> bool:
    """Tell whether a size is a certain number, in this call and in every other that a trace or a graph will serve."""
    return not torch.jit.is_tracing() and value == wanted


def masks_later_keys(past: Any) -> bool:
    """Tell whether `attend` masks later keys by itself where `past` keys come before those of the queries."""
    return is_known(past, 0)


def check_input(given: Any, name: str, axes: int) -> None:
    """Raise if ids or embeddings are not what they must be.

    Raises:
        ValueError: the shape is another, or there is nothing in it.
        TypeError: the type is another.
    """
    check_tensor(given, name)
    if not torch.jit.is_tracing() and 0 in given.shape[1:]:
        raise ValueError(f"{name} has shape {tuple(given.shape)}: there is nothing in it to read")
    if given.dim() != axes:
        raise wrong_shape(name, given.shape, AXES[axes])
    if name == "input_ids" and given.is_floating_point():
        raise TypeError(f"input_ids has type {given.dtype}; token ids are whole numbers (torch.long)")


def check_tensor(value: Any, name: str) -> None:
    """Raise if a value is not a tensor.

    Raises:
        TypeError: naming the argument and what to do.
    """
    if isinstance(value, Tensor):
        return
    found = type(value).__name__
    if hasattr(value, "keys") and name == "input_ids":
        raise TypeError(f"input_ids is a {found}: pass its entries as arguments, model(**batch)")
    if name in ("input_ids", "inputs_embeds"):
        raise TypeError(f"{name} is a {found}, and a torch.Tensor was expected: tokenize with return_tensors='pt'")
    raise TypeError(f"{name} is a {found}, and a torch.Tensor was expected: pass torch.tensor({name})")


def check_width(embeds: Tensor, size: int, name: str) -> Tensor:
    """Return vectors of the length `size`.

    Raises:
        ValueError: they have another length.
    """
    if embeds.shape[-1] != size:
        raise wrong_shape(name, embeds.shape, f"[batch, seq, {size}]")
    return embeds


def check_length(ids: Tensor, length: int, name: str) -> None:
    """Raise if ids are of another number of positions than the input.

    Raises:
        ValueError: naming both.
    """
    check_tensor(ids, name)
    if ids.dim() and ids.shape[-1] != length:
        raise wrong_length(name, ids.shape, length)


def check_capacity(length: int, known: int) -> None:
    """Raise if an input, with what came before it, is longer than the model knows positions.

    Raises:
        ValueError: naming both lengths.
    """
    if not torch.jit.is_tracing() and length > known:
        raise too_long(length, known)


def checked_mask(mask: Any, states: Tensor, length: int, name: str) -> Tensor | None:
    """Return a mask of the right shape; None where it masks nothing and that can be seen at no cost.

    Args:
        mask: *Shape:* `[batch, key]` or `[batch, query, key]`.
        states: what it belongs to. *Shape:* `[batch, seq, hidden]`.
        length: number of keys.
        name: what the caller calls it.

    Raises:
        ValueError: it has another shape.
        TypeError: it is not a tensor.
    """
    if mask is None:
        return None
    check_tensor(mask, name)
    batch = states.shape[0]
    if mask.dim() not in (2, 3) or mask.shape[0] not in (1, batch) or mask.shape[-1] != length:
        raise wrong_mask(name, mask.shape, batch, length)
    # Attention without a mask is faster.
    return None if mask.dim() == 2 and is_plain_eager(mask) and bool(mask.all()) else mask


def as_ids(x: Tensor) -> Tensor:
    """Return truth values, or others, as whole numbers."""
    return x.long()


def as_labels(x: Any) -> Tensor:
    """Return labels as a tensor, which a caller may give as numbers or arrays."""
    return x if isinstance(x, Tensor) else torch.as_tensor(x)


def last_index(input_ids: Tensor | None, token: int, hidden: Tensor) -> Tensor:
    """Return the last position of every row that holds a token. *Shape:* `[batch, seq]` to `[batch]`.

    Raises:
        ValueError: a row does not hold it.
    """
    found = None if input_ids is None else input_ids == token
    if found is None or found.shape != hidden.shape[:2] or (is_plain_eager(found) and not bool(found.any(1).all())):
        raise ValueError(
            f"every row of input_ids needs the end-of-sentence token {token}: the classifier reads its last one"
        )
    return found.shape[1] - 1 - found.flip(1).int().argmax(1)
