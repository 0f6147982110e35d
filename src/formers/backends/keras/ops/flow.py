"""Operations on whole layers, and on chunks of a sequence."""
from collections.abc import Callable
from typing import Any

import keras
from keras import ops


def run_layer(layer: Any, x: Any, call: Any, rate: float, training: bool, recompute: bool) -> tuple[Any, Any]:
    """Compute a layer, or leave it out.

    Args:
        layer: the layer.
        x: *Shape:* `[batch, seq, hidden]`.
        call: what it needs besides.
        rate: probability with which it is left out in training.
        training: whether its stack is trained.
        recompute: without effect: training needs its full memory.

    Returns:
        The new states, and its attention weights.
    """
    new, weights = layer.run(x, call)
    if training and rate:
        new = ops.where(keras.random.uniform(()) < rate, x, new)
    return new, weights


def in_chunks(compute: Callable[[Any], Any], x: Any, size: int) -> Any:
    """Compute chunks of `size` positions one after the other. *Shape:* `[batch, seq, hidden]`.

    Raises:
        ValueError: the length is not a multiple of the size, or not known.
    """
    length = x.shape[1]
    if length is None or length % size:
        raise ValueError(f"the length {length} is no multiple of chunk_size_feed_forward {size}")
    return ops.concatenate([compute(x[:, start : start + size]) for start in range(0, length, size)], 1)


def pad_to_multiple(x: Any, multiple: int, value: float) -> Any:
    """Pad the second axis at its end to a multiple of a length. *Shape:* `[batch, seq, ...]`."""
    _, length, *rest = ops.shape(x)
    missing = -length % multiple
    if isinstance(missing, int) and not missing:
        return x
    filler = ops.full((ops.shape(x)[0], missing, *rest), value, dtype=x.dtype)
    return ops.concatenate([x, filler], 1)
