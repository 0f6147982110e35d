"""Losses: one number an example, as documented for the Keras classes."""
from typing import Any

from keras import ops

from formers.network.losses import IGNORED


def squared_loss(name: str, logits: Any, target: Any) -> Any:
    """Compute the squared errors of one number a row: their mean, unless the labels have the shape `[batch, 1]`."""
    _check_count(name, target, logits.shape[0])
    target = ops.cast(target, logits.dtype)
    losses = ops.square(ops.reshape(logits, (-1,)) - ops.reshape(target, (-1,)))
    return losses if len(target.shape) == 2 else ops.mean(losses)


def label_loss(name: str, logits: Any, target: Any) -> Any:
    """Compute the cross-entropies of one label a row. *Shape:* `[..., classes]` and `[...]` to `[rows]`."""
    logits = ops.reshape(logits, (-1, logits.shape[-1]))
    _check_count(name, target, logits.shape[0])
    return _cross_entropy(logits, ops.reshape(target, (-1,)))


def token_loss(part: Any, name: str, logits: Any, target: Any, mask: Any, shifted: bool) -> Any:
    """Compute the cross-entropies of one label a position.

    Args:
        part: None: there are no parts for losses.
        name: what the caller calls the labels.
        logits: *Shape:* `[..., seq, classes]`.
        target: labels; -100 is left out, and as documented for the Keras classes -1 too. *Shape:* `[..., seq]`.
        mask: without effect: the documented Keras classes leave positions out by their labels alone.
        shifted: compare position i with label i + 1.

    Returns:
        *Shape:* `[labels that count]`.
    """
    if None not in logits.shape[:-1]:
        expected = 1
        for length in logits.shape[:-1]:
            expected *= length
        _check_count(name, target, expected)
    if shifted:
        target = ops.reshape(target, (-1, ops.shape(logits)[-2]))[:, 1:]
        logits = logits[..., :-1, :]
    target = ops.reshape(target, (-1,))
    kept = ops.nonzero(ops.logical_and(*(ops.not_equal(target, label) for label in (IGNORED, -1))))[0]
    logits = ops.reshape(logits, (-1, logits.shape[-1]))
    return _cross_entropy(ops.take(logits, kept, axis=0), ops.take(target, kept, axis=0))


def position_loss(name: str, logits: Any, positions: Any) -> Any:
    """Compute the cross-entropies of a position a row; one outside of the sequence gives 0. *Shape:* `[batch, seq]`."""
    _check_count(name, positions, logits.shape[0])
    positions = ops.cast(ops.reshape(positions, (-1,)), "int32")
    inside = ops.logical_and(positions >= 0, positions < ops.shape(logits)[1])
    losses = _cross_entropy(logits, ops.where(inside, positions, 0))
    return ops.where(inside, losses, ops.zeros_like(losses))


def _cross_entropy(logits: Any, target: Any) -> Any:
    return ops.sparse_categorical_crossentropy(ops.cast(target, "int32"), logits, from_logits=True)


def _check_count(name: str, labels: Any, expected: int | None) -> None:
    count: int | None = 1
    for length in labels.shape:
        count = None if length is None or count is None else count * length
    if None not in (count, expected) and count != expected:
        raise ValueError(f"{name} has shape {tuple(labels.shape)}, but the model gives {expected} predictions")
