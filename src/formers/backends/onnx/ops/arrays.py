"""Operations on arrays."""
import builtins
import math
from collections.abc import Sequence
from typing import Any

from ..graph import INT, Dim, Symbol, alike, vector


def arange(size: Any, like: Any) -> Symbol:
    """Return 0, 1, ..., `size` - 1 in the graph of `like`, a tensor or a part."""
    graph = like.graph
    bounds = [graph.constant(0, INT), size if isinstance(size, Symbol) else graph.constant(size, INT)]
    return graph.node("Range", *bounds, graph.constant(1, INT), dtype=INT, shape=(graph.dim(size),))


def ones(like: Symbol, columns: Any) -> Symbol:
    """Return ones, as whole numbers. *Shape:* `[rows, columns]`."""
    graph = like.graph
    shape = vector(graph, [graph.size(like, 0), columns])
    dims = (like.shape[0], graph.dim(columns))
    return graph.node("Expand", graph.constant(1, INT), shape, dtype=INT, shape=dims)


def where(condition: Symbol, x: Any, y: Any) -> Symbol:
    """Return `x` where the condition holds, else `y`."""
    x, y = alike(condition.graph, x, y)
    shape = condition.graph.broadcast(condition.shape, x.shape, y.shape)
    return condition.graph.node("Where", condition, x, y, dtype=x.dtype, shape=shape)


def concat(tensors: Sequence[Symbol], axis: int) -> Symbol:
    """Join along an axis."""
    graph, shape = tensors[0].graph, list(tensors[0].shape)
    lengths = [tensor.shape[axis] for tensor in tensors]
    numbers = [length for length in lengths if isinstance(length, int)]
    shape[axis] = builtins.sum(numbers) if len(numbers) == len(lengths) else graph.fresh_dim()
    return graph.node("Concat", *tensors, dtype=tensors[0].dtype, shape=tuple(shape), axis=axis)


def stack(tensors: Sequence[Symbol], axis: int) -> Symbol:
    """Join along a new axis."""
    graph = tensors[0].graph
    at = graph.constant([axis], INT)
    shape = (*tensors[0].shape[:axis], 1, *tensors[0].shape[axis:])
    return concat([graph.node("Unsqueeze", t, at, dtype=t.dtype, shape=shape) for t in tensors], axis)


def reshape(x: Symbol, shape: Sequence[Any]) -> Symbol:
    """Return the same values in another shape; one length may be -1."""
    graph = x.graph
    dims: list[Dim] = [graph.dim(size) for size in shape]
    if -1 in dims:
        at = dims.index(-1)
        known = (*dims[:at], *dims[at + 1 :])
        dims[at] = _rest(x, known)
    return graph.node("Reshape", x, vector(graph, shape), dtype=x.dtype, shape=tuple(dims))


def _rest(x: Symbol, known: Sequence[Dim]) -> Dim:
    """Return the length that -1 stands for, when the other axes are `known`."""
    left = list(x.shape)
    for dim in known:
        if dim in left:
            left.remove(dim)
        elif dim != 1:
            numbers = [length for length in (*x.shape, *known) if isinstance(length, int)]
            if len(numbers) < x.rank + len(known):
                return x.graph.fresh_dim()
            return math.prod(numbers[: x.rank]) // math.prod(numbers[x.rank :])
    names = [dim for dim in left if isinstance(dim, str)]
    number = math.prod(dim for dim in left if isinstance(dim, int))
    return number if not names else "*".join([*names, *([str(number)] if number != 1 else [])])


def permute(x: Symbol, axes: Sequence[int]) -> Symbol:
    """Reorder the axes."""
    shape = tuple(x.shape[axis] for axis in axes)
    return x.graph.node("Transpose", x, dtype=x.dtype, shape=shape, perm=list(axes))


def matrix_transpose(x: Symbol) -> Symbol:
    """Exchange the last two axes."""
    return permute(x, [*range(x.rank - 2), x.rank - 1, x.rank - 2])


def matmul(x: Symbol, y: Symbol) -> Symbol:
    """Multiply matrices."""
    shape = (*x.graph.broadcast(x.shape[:-2], y.shape[:-2]), x.shape[-2], y.shape[-1])
    return x.graph.node("MatMul", x, y, dtype=x.dtype, shape=shape)


def repeat(x: Symbol, times: int) -> Symbol:
    """Return every row `times` times."""
    graph = x.graph
    wide = x[:, None]
    sizes = vector(graph, [1, times, *[1] * (x.rank - 1)])
    tiled = graph.node("Expand", wide, sizes, dtype=x.dtype, shape=(x.shape[0], times, *x.shape[1:]))
    return reshape(tiled, [-1, *(graph.size(x, axis) for axis in range(1, x.rank))])


def take(x: Symbol, rows: Symbol) -> Symbol:
    """Return rows by their indices."""
    return x.graph.node("Gather", x, rows, dtype=x.dtype, shape=(*rows.shape, *x.shape[1:]), axis=0)


def take_along_axis(x: Symbol, index: Symbol) -> Symbol:
    """Return entries of each row by their indices. *Shape:* `[rows, n]`."""
    return x.graph.node("GatherElements", x, index, dtype=x.dtype, shape=index.shape, axis=x.rank - 1)


def take_position(x: Symbol, index: Symbol) -> Symbol:
    """Take one position of each row. *Shape:* `[batch, seq, size]` and `[batch]` to `[batch, size]`."""
    shape = (x.shape[0], *x.shape[2:])
    return x.graph.node("GatherND", x, index[:, None], dtype=x.dtype, shape=shape, batch_dims=1)


def cumsum(x: Symbol) -> Symbol:
    """Return the sums of the entries of each row so far."""
    return x.graph.node("CumSum", x, x.graph.constant(x.rank - 1, INT), dtype=x.dtype, shape=x.shape)


def clip(x: Symbol, low: int | None, high: int | None) -> Symbol:
    """Bound every entry."""
    bounds = [None if bound is None else x.graph.constant(bound, x.dtype) for bound in (low, high)]
    return x.graph.node("Clip", x, *bounds, dtype=x.dtype, shape=x.shape)


def mean(x: Symbol, axis: int) -> Symbol:
    """Average along an axis."""
    return _reduce("ReduceMean", x, axis, keep=False)


def sum(x: Symbol, axis: int) -> Symbol:
    """Add up along an axis."""
    return _reduce("ReduceSum", x, axis, keep=False)


def mean_of_last(x: Symbol) -> Symbol:
    """Average along the last axis, which stays with a length of 1."""
    return _reduce("ReduceMean", x, x.rank - 1, keep=True)


def _reduce(operator: str, x: Symbol, axis: int, keep: bool) -> Symbol:
    shape = (*x.shape[:axis], *([1] if keep else []), *x.shape[axis + 1 :])
    axes = x.graph.constant([axis], INT)
    return x.graph.node(operator, x, axes, dtype=x.dtype, shape=shape, keepdims=int(keep))


def unstack_last(x: Symbol) -> tuple[Symbol, ...]:
    """Split the last axis into one tensor each."""
    last = x.rank - 1
    count = x.shape[last]
    assert isinstance(count, int)
    return tuple(
        x.graph.node("Gather", x, x.graph.constant(index, INT), dtype=x.dtype, shape=x.shape[:last], axis=last)
        for index in range(count)
    )


def as_ids(x: Symbol) -> Symbol:
    """Return truth values, or others, as whole numbers."""
    return x.cast(INT)


def elementwise(operator: str, x: Symbol, dtype: Any = None, **attributes: Any) -> Symbol:
    """Apply an operator to every entry."""
    return x.graph.node(operator, x, dtype=dtype or x.dtype, shape=x.shape, **attributes)
