"""Shapes of tensors that are known in part only."""
from typing import Any

from keras import ops


def shape_list(x: Any) -> list[Any]:
    """The lengths of a tensor's axes: numbers where they are known, scalar tensors where they are not."""
    return list(ops.shape(x))
