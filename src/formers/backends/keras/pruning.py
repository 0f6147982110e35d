"""Attention with fewer heads."""
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from .construction import replace_weight, values_of
from .parts import find


def prune_layer(main: Any, index: int, heads: set[int]) -> None:
    """Remove heads of the self-attention of a layer; those that are gone already are passed over.

    Args:
        main: the main layer.
        index: index of the layer.
        heads: indices of heads, as in the full model.

    Raises:
        ValueError: there are no such heads.
    """
    layers = list(main.spec.stack.layers)
    sublayer = layers[index].named("attention")
    block: Any = sublayer.block
    heads = heads - block.pruned
    if not heads:
        return
    total = block.heads + len(block.pruned)
    wrong = sorted(head for head in heads if not 0 <= head < total)
    if wrong:
        raise ValueError(f"cannot prune heads {wrong}: the attention has heads 0 to {total - 1}")
    left = [head for head in range(total) if head not in block.pruned]
    size, inner = block.head_size, block.heads * block.head_size
    kept = [place * size + offset for place, head in enumerate(left) if head not in heads for offset in range(size)]
    parts = find(main, f"layers.{index}.attention")
    if block.projections == "joined":
        _prune(find(parts, "qkv"), [part * inner + place for part in range(3) for place in kept], axis=1)
    else:
        for name in ("query", "key", "value"):
            _prune(find(parts, name), kept, axis=1)
    _prune(find(parts, "output"), kept, axis=0)
    pruned = replace(block, heads=block.heads - len(heads), pruned=block.pruned | heads)
    layers[index] = replace(
        layers[index], sublayers=tuple(
            replace(each, block=pruned) if each is sublayer else each for each in layers[index].sublayers
        )
    )  # fmt: skip
    main.spec = replace(main.spec, stack=replace(main.spec.stack, layers=tuple(layers)))


def _prune(layer: keras.layers.Dense, index: Sequence[int], axis: int) -> None:
    """Keep the inputs (`axis=0`) or outputs (`axis=1`) of `index` of a linear layer."""
    kernel = np.take(values_of(layer.kernel), list(index), axis=axis)
    replace_weight(layer, "_kernel", kernel)
    layer.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: kernel.shape[0]})
    if axis == 1:
        layer.units = kernel.shape[1]
    if layer.bias is not None:
        bias = values_of(layer.bias)
        replace_weight(layer, "bias", bias[list(index)] if axis == 1 else bias)
