"""From what a caller gave to the inputs of a graph."""
from collections.abc import Mapping
from typing import Any

import numpy as np

from .graph import FLOAT, INT, Dim, Shape
from .ops.inputs import check_capacity
from .writing import Plan

IDS = ("input_ids", "token_type_ids", "position_ids")
VECTORS = ("inputs_embeds", "encoder_hidden_states")
MASKS = ("attention_mask", "encoder_attention_mask")
ENCODER = ("encoder_hidden_states", "encoder_attention_mask")


def arrange(
    given: Mapping[str, Any], plan: Plan
) -> tuple[dict[str, np.ndarray], dict[str, tuple[np.dtype, Shape]], dict[str, int]]:
    """Turn arguments into arrays of the right types and shapes.

    Args:
        given: the arguments by name.
        plan: the model.

    Returns:
        The arrays; the type and shape of each as the graph declares it; and the lengths of the axes that have names
        there.

    Raises:
        TypeError: an argument has the wrong type.
        ValueError: it has the wrong shape.
    """
    arrays: dict[str, np.ndarray] = {}
    declared: dict[str, tuple[np.dtype, Shape]] = {}
    sizes: dict[str, int] = {}
    # Ids and vectors say what the axes are; what else there is may be one row for all.
    first = [name for name in ("input_ids", *VECTORS) if name in given]
    for name in [*first, *(name for name in given if name not in first)]:
        if name not in (*IDS, *VECTORS, *MASKS, "head_mask"):
            raise ValueError(f"the ONNX backend does not know the argument {name} yet: leave it out")
        array = _typed(name, _array(name, given[name]))
        shape = _axes(name, array, plan)
        if name not in first and name != "head_mask":
            array = _broadcast(array, shape, sizes)
        fits = array.ndim == len(shape) and all(
            length == (dim if isinstance(dim, int) else sizes.setdefault(dim, length))
            for dim, length in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = ", ".join(f"{dim}={sizes[dim]}" if dim in sizes else str(dim) for dim in shape)
            raise ValueError(f"{name} has shape {list(array.shape)}; expected [{wanted}]")
        if not array.size:
            raise ValueError(f"{name} has shape {list(array.shape)}: there is nothing in it to read")
        arrays[name], declared[name] = np.ascontiguousarray(array), (array.dtype, shape)
    return arrays, declared, sizes


def check(
    arrays: Mapping[str, np.ndarray], sizes: Mapping[str, int], rows: Mapping[str, int], limits: Mapping[str, int]
) -> None:
    """Check what a graph cannot check by itself.

    Args:
        arrays: its inputs.
        sizes: the lengths of its axes by name.
        rows: name of an input of ids -> the number of ids that the model knows.
        limits: name of an axis -> its greatest length.

    Raises:
        IndexError: ids are out of range; naming the range.
        ValueError: there are more positions than the model knows; naming both lengths.
    """
    for dim, known in limits.items():
        check_capacity(sizes[dim], known)
    for name, count in rows.items():
        low, high = int(arrays[name].min()), int(arrays[name].max())
        if low < 0 or high >= count:
            advice = ": check that the tokenizer belongs to the model" if name == "input_ids" else ""
            raise IndexError(f"{name} go from {low} to {high}, but the model knows 0 to {count - 1}{advice}")


def _array(name: str, value: Any) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise ValueError(
            f"{name} is no array, since its rows differ in length or depth ({error}): pad them to one length, as a "
            "tokenizer does with padding=True"
        ) from error


def _typed(name: str, array: np.ndarray) -> np.ndarray:
    kind = array.dtype.kind
    if name in (*VECTORS, "head_mask") and kind in "fiub":
        return array.astype(FLOAT, copy=False)
    if name in MASKS and kind in "fiub":
        return array.astype(FLOAT if kind == "f" else INT, copy=False)
    if name in IDS and kind in "iu":
        return array.astype(INT, copy=False)
    wanted = "whole numbers" if name in IDS else "numbers"
    raise TypeError(f"{name} has type {array.dtype}; expected an array of {wanted}")


def _axes(name: str, array: np.ndarray, plan: Plan) -> Shape:
    """Return the shape of an argument, with names for the axes whose length may be any."""
    if name == "head_mask":
        return array.shape
    lead: tuple[Dim, ...] = ("batch", "choices") if plan.per_choice else ("batch",)
    length = "encoder_seq" if name in ENCODER else "seq"
    if name == "inputs_embeds":
        return (*lead, length, plan.spec.stack.embeddings.tokens.size)
    if name == "encoder_hidden_states":
        return (*lead, length, plan.spec.stack.hidden)
    if name in MASKS and array.ndim == len(lead) + 2:
        return (*lead, "seq", length)
    return (*lead, length)


def _broadcast(array: np.ndarray, shape: Shape, sizes: Mapping[str, int]) -> np.ndarray:
    """Repeat along axes of length 1 (or absent in front) up to the length that is known."""
    if array.ndim > len(shape):
        return array
    padded = array.reshape((1,) * (len(shape) - array.ndim) + array.shape)
    wanted = tuple(
        sizes.get(str(dim), length) if length == 1 else length for dim, length in zip(shape, padded.shape, strict=True)
    )
    return np.broadcast_to(padded, wanted)
