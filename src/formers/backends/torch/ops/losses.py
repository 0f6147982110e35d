"""Losses: means over the batch."""
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from formers.network.losses import IGNORED

from .products import is_plain_eager


def squared_loss(name: str, logits: Tensor, target: Tensor) -> Tensor:
    """Compute the mean squared error of one number a row. *Shape:* `[batch, 1]` and `[batch]`."""
    logits = logits.reshape(-1)
    _check_count(name, target, logits.shape[0])
    return F.mse_loss(logits, target.reshape(-1).to(logits.dtype))


def label_loss(name: str, logits: Tensor, target: Tensor) -> Tensor:
    """Compute the cross-entropy of one label a row. *Shape:* `[..., classes]` and `[...]`."""
    logits = logits.reshape(-1, logits.shape[-1])
    _check_count(name, target, logits.shape[0])
    _check_range(name, target, logits.shape[-1])
    return F.cross_entropy(logits, target.reshape(-1))


def token_loss(part: Any, name: str, logits: Tensor, target: Tensor, mask: Tensor | None, shifted: bool) -> Tensor:
    """Compute the cross-entropy of one label a position.

    Args:
        part: the module of the loss, or None.
        name: what the caller calls the labels.
        logits: *Shape:* `[..., seq, classes]`.
        target: labels; -100 is left out. *Shape:* `[..., seq]`.
        mask: labels where it is not 1 are left out. *Shape:* `[..., seq]`.
        shifted: compare position i with label i + 1.
    """
    logits = logits.reshape(-1, *logits.shape[-2:])
    _check_count(name, target, logits.shape[0] * logits.shape[1])
    target = target.reshape(logits.shape[:2])
    _check_range(name, target, logits.shape[-1])
    if mask is not None:
        target = torch.where(mask.reshape(target.shape) == 1, target, IGNORED)
    if shifted:
        logits, target = logits[:, :-1], target[:, 1:]
    logits, target = logits.reshape(-1, logits.shape[-1]), target.reshape(-1)
    return F.cross_entropy(logits, target, ignore_index=IGNORED) if part is None else part(logits, target)


def position_loss(name: str, logits: Tensor, positions: Tensor) -> Tensor:
    """Compute the cross-entropy of a position a row, without those outside of the sequence. *Shape:* `[batch, seq]`."""
    positions = positions.reshape(-1)
    _check_count(name, positions, logits.shape[0])
    length = logits.shape[1]
    return F.cross_entropy(logits, positions.clamp(0, length), ignore_index=length)


def _check_count(name: str, labels: Tensor, expected: int) -> None:
    if labels.numel() != expected:
        raise ValueError(f"{name} has shape {tuple(labels.shape)}, but the model gives {expected} predictions")


def _check_range(name: str, labels: Tensor, classes: int) -> None:
    """Raise if labels are not classes; on the CPU only: elsewhere the check would wait for the device."""
    if labels.dtype.is_floating_point or labels.dtype == torch.bool:
        raise ValueError(f"{name} has type {labels.dtype}; classes are whole numbers (torch.long)")
    if not is_plain_eager(labels) or not labels.numel():
        return
    wrong = labels[((labels < 0) | (labels >= classes)) & (labels != IGNORED)]
    if wrong.numel():
        raise ValueError(
            f"{name} holds {wrong[0].item()}, but the model has {classes} classes (0 to {classes - 1}): "
            f"check the labels or set num_labels in the config ({IGNORED} leaves a position out)"
        )
