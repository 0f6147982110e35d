"""Deviations of fresh weights that follow from the widths of the blocks."""
import math
from typing import Any

from torch import nn

from formers.architecture import ByWidth

from .attention import Attention
from .position_bias import PositionBias


def set_deviations(model: nn.Module, init: ByWidth) -> None:
    """Give every linear map and table of a model's blocks its deviation, as `init_std` (see `ByWidth`)."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            module.init_std = init.factor / math.sqrt(module.in_features)  # type: ignore[assignment]
        elif isinstance(module, nn.Embedding):
            module.init_std = init.factor  # type: ignore[assignment]
    for module in model.modules():
        if isinstance(module, Attention) and module.qkv is None:
            width = module.query.in_features * module.spec.head_size
            module.query.init_std = init.factor / math.sqrt(width)  # type: ignore[assignment]
    for stack in model.modules():
        for bias in stack.children():
            if isinstance(bias, PositionBias):
                hidden: Any = stack.stack
                bias.table.init_std = init.factor / math.sqrt(hidden.hidden)  # type: ignore[assignment]
