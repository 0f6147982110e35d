"""Operations on whole layers, and on chunks of a sequence."""
from collections.abc import Callable
from typing import Any

from ..graph import FLOAT, INT, Symbol, vector


def run_layer(layer: Any, x: Symbol, call: Any, rate: float, training: bool, recompute: bool) -> tuple[Any, Any]:
    """Compute a layer; what only matters in training is not looked at. *Shape:* `[batch, seq, hidden]`."""
    return layer.run(x, call)


def in_chunks(compute: Callable[[Symbol], Symbol], x: Symbol, size: int) -> Symbol:
    """Compute what may be computed in chunks of positions, all at once: the values are the same."""
    return compute(x)


def pad_to_multiple(x: Symbol, multiple: int, value: float) -> Symbol:
    """Pad the second axis at its end to a multiple of a length. *Shape:* `[batch, seq, ...]`."""
    graph = x.graph
    length = graph.size(x, 1)
    missing: Any
    if isinstance(length, int):
        missing = -length % multiple
        padded: Any = length + missing
        if not missing:
            return x
    else:
        missing = graph.node("Mod", -length, graph.constant(multiple, INT), dtype=INT, shape=())
        dim = str(x.shape[1])
        padded = f"{dim} to {multiple}"
        graph.padded[padded] = (dim, multiple)
    before, after = [0] * x.rank, [0, missing, *[0] * (x.rank - 2)]
    filler = graph.constant(value, FLOAT if x.dtype == FLOAT else x.dtype)
    pads = vector(graph, [*before, *after])
    return graph.node("Pad", x, pads, filler, dtype=x.dtype, shape=(x.shape[0], padded, *x.shape[2:]))
