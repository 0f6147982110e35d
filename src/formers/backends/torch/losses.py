"""Losses of the heads."""
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from formers.architecture import Head, LabelLoss, SpanLoss, SquaredLoss, TokenLoss

IGNORED = -100


def head_loss(
    head: Head, outputs: tuple[Tensor, ...], labels: Mapping[str, Tensor | None], attention_mask: Tensor | None
) -> Tensor | None:
    """The loss of a head, or None if the caller gave no labels.

    Args:
        head: the head.
        outputs: what it gave.
        labels: arguments of the call by name.
        attention_mask: *Shape:* `[batch, seq]`.

    Raises:
        ValueError: the labels are out of range or of the wrong shape.
    """
    given = [labels.get(name) for name in head.labels]
    if any(label is None for label in given):
        return None
    target = given[0]
    assert target is not None
    match head.loss:
        case SquaredLoss(name):
            logits = outputs[0].reshape(-1)
            _check_count(name, target, logits.shape[0])
            return F.mse_loss(logits, target.reshape(-1).to(logits.dtype))
        case LabelLoss(name):
            logits = outputs[0].reshape(-1, outputs[0].shape[-1])
            _check_count(name, target, logits.shape[0])
            _check_range(name, target, logits.shape[-1])
            return F.cross_entropy(logits, target.reshape(-1))
        case TokenLoss(name, masked, shifted):
            logits = outputs[0].flatten(0, -3)  # choices, where there are any
            _check_count(name, target, logits.shape[0] * logits.shape[1])
            target = target.reshape(logits.shape[:2])
            _check_range(name, target, logits.shape[-1])
            if masked and attention_mask is not None:
                target = torch.where(attention_mask == 1, target, IGNORED)
            if shifted:
                logits, target = logits[:, :-1], target[:, 1:]
            return F.cross_entropy(logits.reshape(-1, logits.shape[-1]), target.reshape(-1), ignore_index=IGNORED)
        case SpanLoss(start, end):
            losses = [
                _position_loss(name, logits, label)
                for name, logits, label in zip((start, end), outputs, given, strict=True)
                if label is not None
            ]
            return sum(losses[1:], losses[0]) / len(losses)


def _position_loss(name: str, logits: Tensor, positions: Tensor) -> Tensor:
    positions = positions.reshape(-1)
    _check_count(name, positions, logits.shape[0])
    length = logits.shape[1]
    return F.cross_entropy(logits, positions.clamp(0, length), ignore_index=length)


def _check_count(name: str, labels: Tensor, expected: int) -> None:
    if labels.numel() != expected:
        raise ValueError(f"{name} has shape {tuple(labels.shape)}, but the model gives {expected} predictions")


def _check_range(name: str, labels: Tensor, classes: int) -> None:
    """On the CPU only: elsewhere the check would wait for the device."""
    if labels.dtype.is_floating_point or labels.dtype == torch.bool:
        raise ValueError(f"{name} has type {labels.dtype}; classes are whole numbers (torch.long)")
    if labels.device.type != "cpu" or not labels.numel():
        return
    wrong = labels[((labels < 0) | (labels >= classes)) & (labels != IGNORED)]
    if wrong.numel():
        raise ValueError(
            f"{name} holds {wrong[0].item()}, but the model has {classes} classes (0 to {classes - 1}): "
            f"check the labels or set num_labels in the config ({IGNORED} leaves a position out)"
        )
