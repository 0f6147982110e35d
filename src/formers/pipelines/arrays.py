"""Arrays of what tokenizers and models give, whatever their framework."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def to_array(value: Any) -> np.ndarray:
    """Return an array of what a model may give or take: a tensor of either framework, an array, a list."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        value = value.float() if value.is_floating_point() else value
    return np.asarray(value)


def own_rows(inputs: Mapping[str, Any]) -> tuple[np.ndarray, np.ndarray]:
    """Return the token ids of a batch `[batch, seq]`, and which of them are no padding, bool, same shape."""
    ids = to_array(inputs["input_ids"])
    mask = to_array(inputs["attention_mask"]) if "attention_mask" in inputs else np.ones_like(ids)
    return ids, mask.astype(bool)
