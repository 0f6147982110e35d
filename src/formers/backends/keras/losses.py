"""Losses of the heads, one number an example, as documented for the Keras classes."""
from collections.abc import Mapping
from typing import Any

from keras import ops

from formers.architecture import Head, LabelLoss, SpanLoss, SquaredLoss, TokenLoss

IGNORED = (-1, -100)


def head_loss(head: Head, outputs: tuple[Any, ...], labels: Mapping[str, Any]) -> Any | None:
    """The losses of a head, or None if the caller gave no labels.

    Args:
        head: the head.
        outputs: what it gave.
        labels: arguments of the call by name.

    Returns:
        One loss a row, *shape* `[batch]`; for labels of tokens one a token whose label is not -1 or -100. A number
        to predict gives the mean over the batch, unless the labels have the shape `[batch, 1]`.

    Raises:
        ValueError: the labels have the wrong shape.
    """
    given = [labels.get(name) for name in head.labels]
    if any(label is None for label in given):
        return None
    match head.loss:
        case SquaredLoss(name):
            return _squared(name, outputs[0], given[0])
        case LabelLoss(name):
            logits = outputs[0]
            _check_count(name, given[0], logits.shape[0])
            return _cross_entropy(logits, ops.reshape(given[0], (-1,)))
        case TokenLoss(name):
            return _token_losses(name, outputs[0], given[0])
        case SpanLoss(start, end):
            losses = [
                _position_losses(name, logits, label)
                for name, logits, label in zip((start, end), outputs, given, strict=True)
            ]
            return (losses[0] + losses[1]) / 2.0


def _squared(name: str, logits: Any, target: Any) -> Any:
    _check_count(name, target, logits.shape[0])
    target = ops.cast(target, logits.dtype)
    losses = ops.square(ops.reshape(logits, (-1,)) - ops.reshape(target, (-1,)))
    return losses if len(target.shape) == 2 else ops.mean(losses)


def _token_losses(name: str, logits: Any, target: Any) -> Any:
    if None not in logits.shape[:2]:
        _check_count(name, target, logits.shape[0] * logits.shape[1])
    target = ops.reshape(target, (-1,))
    kept = ops.nonzero(ops.logical_and(*(ops.not_equal(target, label) for label in IGNORED)))[0]
    logits = ops.reshape(logits, (-1, logits.shape[-1]))
    return _cross_entropy(ops.take(logits, kept, axis=0), ops.take(target, kept, axis=0))


def _position_losses(name: str, logits: Any, positions: Any) -> Any:
    """Positions outside of the sequence give no loss."""
    _check_count(name, positions, logits.shape[0])
    positions = ops.cast(ops.reshape(positions, (-1,)), "int32")
    length = ops.shape(logits)[1]
    inside = ops.logical_and(positions >= 0, positions < length)
    losses = _cross_entropy(logits, ops.where(inside, positions, 0))
    return ops.where(inside, losses, ops.zeros_like(losses))


def _cross_entropy(logits: Any, target: Any) -> Any:
    return ops.sparse_categorical_crossentropy(ops.cast(target, "int32"), logits, from_logits=True)


def _check_count(name: str, labels: Any, expected: int | None) -> None:
    count: int | None = 1
    for size in labels.shape:
        count = None if size is None or count is None else count * size
    if None not in (count, expected) and count != expected:
        raise ValueError(f"{name} has shape {tuple(labels.shape)}, but the model gives {expected} predictions")
