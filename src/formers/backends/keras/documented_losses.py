"""The documented losses by themselves: `compute_loss(labels, logits)` of models, and of classes to inherit from."""
from collections.abc import Mapping, Sequence
from typing import Any

from keras import ops as kops

from formers.architecture import Head, SpanLoss
from formers.network.losses import head_loss

from . import ops


def documented_loss(owner: str, heads: Sequence[Head], labels: Any, logits: Any) -> Any:
    """Compute the losses of a model's head.

    Args:
        owner: name of the model's class.
        heads: its heads.
        labels: as the loss of the head takes them; a dict for start and end of an answer.
        logits: what the head gave.

    Raises:
        NotImplementedError: the model has no heads, or several.
    """
    if len(heads) != 1:
        raise NotImplementedError(f"compute_loss(labels, logits) is for models with one head; {owner} has {len(heads)}")
    head, values = heads[0], logits if isinstance(logits, tuple | list) else (logits,)
    if isinstance(head.loss, SpanLoss):
        return span_loss(labels, values)
    return head_loss(ops, None, head, tuple(values), {head.labels[0]: labels}, None)


def span_loss(labels: Mapping[str, Any], logits: Sequence[Any]) -> Any:
    """Compute the losses of answers.

    Args:
        labels: `start_position` and `end_position` (or `start_positions`, `end_positions`). *Shape:* `[batch]` each.
        logits: of the start and the end. *Shape:* `[batch, seq]` each.

    Returns:
        *Shape:* `[batch]`.
    """
    given = {name.rstrip("s"): ops.as_labels(value) for name, value in labels.items()}
    names = ("start_position", "end_position")
    losses = [ops.position_loss(name, value, given[name]) for name, value in zip(names, logits[:2], strict=True)]
    return (losses[0] + losses[1]) / 2


class DocumentedLoss:
    """Base of the classes that give a custom model its loss."""


class TFQuestionAnsweringLoss(DocumentedLoss):
    """The loss of start and end of an answer, for custom models."""

    def compute_loss(self, labels: Mapping[str, Any], logits: Sequence[Any]) -> Any:
        """See `span_loss`."""
        return span_loss(labels, logits)


class TFTokenClassificationLoss(DocumentedLoss):
    """The loss of one label a token, for custom models; labels of -100 and -1 are left out."""

    def compute_loss(self, labels: Any, logits: Any) -> Any:
        """Compute it. *Shape:* `[batch, seq]` and `[batch, seq, classes]` to `[labels that count]`."""
        return ops.token_loss(None, "labels", logits, ops.as_labels(labels), None, False)


class TFSequenceClassificationLoss(DocumentedLoss):
    """The loss of one label a sequence, for custom models; with one logit it is a number to predict."""

    def compute_loss(self, labels: Any, logits: Any) -> Any:
        """Compute it. *Shape:* `[batch]` and `[batch, classes]` to `[batch]`, or a mean (see `squared_loss`)."""
        if kops.shape(logits)[-1] == 1:
            return ops.squared_loss("labels", logits, ops.as_labels(labels))
        return ops.label_loss("labels", logits, ops.as_labels(labels))


class TFMultipleChoiceLoss(DocumentedLoss):
    """The loss of the right choice, for custom models."""

    def compute_loss(self, labels: Any, logits: Any) -> Any:
        """Compute it. *Shape:* `[batch]` and `[batch, choices]` to `[batch]`."""
        return ops.label_loss("labels", logits, ops.as_labels(labels))
