"""Losses of the heads: which apply; a backend's `ops` compute them, and reduce them as documented for its classes."""
from collections.abc import Mapping
from typing import Any

from formers.architecture import Head, LabelLoss, SpanLoss, SquaredLoss, TokenLoss

IGNORED = -100
"""Label of what is left out."""


def head_loss(ops: Any, parts: Any, head: Head, outputs: tuple[Any, ...], labels: Mapping[str, Any], mask: Any) -> Any:
    """Compute the loss of a head.

    Args:
        ops: the operations of the backend.
        parts: the parts of the model, by the paths of the head's steps.
        head: the head.
        outputs: what it gave.
        labels: arguments of the call by name.
        mask: 1 for tokens, 0 for padding. *Shape:* `[batch, seq]`.

    Returns:
        The loss, or None if the caller gave no labels.

    Raises:
        ValueError: the labels are out of range, or have another shape or type.
    """
    given = [labels.get(name) for name in head.labels]
    if any(label is None for label in given):
        return None
    given = [ops.as_labels(label) for label in given]
    match head.loss:
        case SquaredLoss(name):
            return ops.squared_loss(name, outputs[0], given[0])
        case LabelLoss(name):
            logits = outputs[0]
            if head.per_choice and len(logits.shape) == 1:  # one text's choices, or none
                logits = logits[None]
            return ops.label_loss(name, logits, given[0])
        case TokenLoss(name, masked, shifted, path):
            part = None if path is None else parts(path)
            return ops.token_loss(part, name, outputs[0], given[0], mask if masked else None, shifted)
        case SpanLoss(start, end):
            losses = [
                ops.position_loss(name, logits, label)
                for name, logits, label in zip((start, end), outputs, given, strict=True)
            ]
            return (losses[0] + losses[1]) / 2
