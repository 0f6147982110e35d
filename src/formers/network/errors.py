"""Errors about what a model is called with, which every backend finds by its own means."""
from typing import Any

AXES = {2: "[batch, seq]", 3: "[batch, seq, hidden]"}
"""Number of axes of ids and of embeddings -> what they are."""


def too_long(length: int, known: int) -> ValueError:
    """Return what is raised for an input with more positions than the model knows."""
    return ValueError(
        f"the input has {length} positions, but the model knows {known}: "
        "truncate the input (truncation=True) or split it"
    )


def check_one_input(input_ids: Any, inputs_embeds: Any) -> None:
    """Raise if none or two of them are given.

    Raises:
        ValueError: saying which.
    """
    if (input_ids is None) == (inputs_embeds is None):
        given = "neither" if input_ids is None else "both"
        raise ValueError(f"You have to specify either input_ids or inputs_embeds: found {given}")


def wrong_shape(name: str, shape: Any, expected: str) -> ValueError:
    """Return what is raised for an input of another shape than `expected`, such as `[batch, seq]`."""
    return ValueError(f"{name} has shape {tuple(shape)}; expected {expected}")


def wrong_length(name: str, shape: Any, length: Any) -> ValueError:
    """Return what is raised for ids of another number of positions than the input."""
    return ValueError(f"{name} has shape {tuple(shape)}, but the input has {length} positions")


def wrong_mask(name: str, shape: Any, batch: Any, length: Any) -> ValueError:
    """Return what is raised for a mask that fits neither the batch nor the keys.

    Args:
        name: what the caller calls it.
        shape: its shape.
        batch: number of rows.
        length: number of keys.
    """
    return ValueError(f"{name} has shape {tuple(shape)}; expected [{batch}, {length}] (or [{batch}, query, {length}])")


def check_head_mask(head_mask: Any, heads: int) -> None:
    """Raise if the head mask of a layer is for another number of heads.

    Args:
        head_mask: *Shape:* broadcasts to `[batch, heads, query, key]`.
        heads: the number of heads of the layer.

    Raises:
        ValueError: naming both.
    """
    shape = tuple(head_mask.shape)
    if len(shape) > 2 and shape[-3] not in (None, 1, heads):
        raise ValueError(
            f"head_mask is for {shape[-3]} heads, the attention has {heads}; expected [{heads}] or [layers, {heads}]"
        )


def missing_part(kind: str) -> ValueError:
    """Return what is raised where the network needs a part, such as a linear layer, and finds none."""
    return ValueError(
        f"{kind} that the model computes is not there: it was deleted or set to None. "
        "Put it back, or a module in its place that gives what it gets (torch.nn.Identity())"
    )
