"""Operations on arrays."""
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

GROUP = 128
"""Entries of a row that `top_k` looks at together."""


def no_gradients() -> AbstractContextManager[Any]:
    """Return a context in which nothing is recorded for gradients."""
    return torch.no_grad()


def as_id_array(values: Any, model: Any) -> Tensor:
    """Return whole numbers as a tensor, if they are not one yet, where the model is."""
    return values if isinstance(values, Tensor) else torch.tensor(values, device=model.device)


def arange(size: int, like: Any) -> Tensor:
    """Return 0, 1, ..., `size` - 1, where `like` is, a tensor or a part with a weight."""
    tensor = getattr(like, "weight", like)
    if not isinstance(tensor, Tensor):
        tensor = next(like.parameters())
    return torch.arange(size, device=tensor.device)


def full(shape: Sequence[int], value: float, like: Tensor) -> Tensor:
    """Return one value everywhere, of the type of `like`."""
    return like.new_full(tuple(shape), value)


def ones(like: Tensor, columns: int) -> Tensor:
    """Return ones of the type of `like` (True for truth values). *Shape:* `[rows, columns]`."""
    return like.new_ones(like.shape[0], columns)


def where(condition: Tensor, x: Any, y: Any) -> Tensor:
    """Return `x` where the condition holds, else `y`."""
    return torch.where(condition, x, y)


def concat(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Join along an axis."""
    return torch.cat(list(tensors), axis)


def stack(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Join along a new axis."""
    return torch.stack(list(tensors), axis)


def reshape(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Return the same values in another shape."""
    return x.reshape(tuple(shape))


def repeat(x: Tensor, times: int, axis: int = 0) -> Tensor:
    """Return every row `times` times."""
    return x.repeat_interleave(times, axis) if times > 1 else x


def pad_columns(ids: Tensor, width: int, filler: int) -> Tensor:
    """Return a copy that is padded to `width` columns. *Shape:* `[rows, width]`."""
    wide = ids.new_full((ids.shape[0], width), filler)
    wide[:, : ids.shape[1]] = ids
    return wide


def set_column(ids: Tensor, column: int, tokens: Tensor) -> Tensor:
    """Return `ids` with a column replaced; it may be changed in place."""
    ids[:, column] = tokens
    return ids


def fill_column(scores: Tensor, column: int, value: float) -> Tensor:
    """Return `scores` with one value in a column; they may be changed in place."""
    scores[:, column] = value
    return scores


def add_in_place(scores: Tensor, by: Tensor) -> Tensor:
    """Return `scores + by`; the scores may be changed in place."""
    return scores.add_(by)


def take(x: Tensor, rows: Tensor) -> Tensor:
    """Return rows by their indices."""
    return x.index_select(0, rows)


def take_along_axis(x: Tensor, index: Tensor) -> Tensor:
    """Return entries of each row by their indices. *Shape:* `[rows, n]`."""
    return x.gather(-1, index)


def take_positions(x: Tensor, index: Tensor) -> Tensor:
    """Return vectors of each sequence by their positions. *Shape:* `[batch, seq, size]` and `[batch, n]`."""
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[-1]))


def occurrences(ids: Tensor, counted: Tensor | None, size: int) -> Tensor:
    """Tell which ids below `size` occur in each row, where they count. *Shape:* `[rows, size]`, truth values."""
    marks = torch.zeros(ids.shape[0], size, dtype=torch.int32, device=ids.device)
    values = torch.ones_like(ids, dtype=torch.int32) if counted is None else counted.to(torch.int32)
    return marks.scatter_add_(1, ids, values) > 0


def isin(x: Tensor, values: Sequence[int]) -> Tensor:
    """Tell which entries are among `values`."""
    return torch.isin(x, torch.tensor(list(values), device=x.device))


def divmod(x: Tensor, by: int) -> tuple[Tensor, Tensor]:
    """Return quotient and remainder of whole numbers."""
    quotient = torch.div(x, by, rounding_mode="floor")
    return quotient, x - quotient * by


def top_k(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """Return the greatest entries of each row, the greatest first, and their indices."""
    width = x.shape[-1]
    groups = width // GROUP
    if not x.is_cpu or groups < 8 * count:
        return torch.topk(x, count, dim=-1)
    # They are in the groups with the greatest maxima, and maxima are found far quicker than an order.
    grouped = groups * GROUP
    best = x[..., :grouped].unflatten(-1, (groups, GROUP)).amax(-1).topk(count).indices
    indices = (best[..., None] * GROUP + torch.arange(GROUP)).flatten(-2)
    if grouped < width:
        indices = torch.cat([indices, torch.arange(grouped, width).expand(*indices.shape[:-1], -1)], -1)
    values, order = torch.topk(x.gather(-1, indices), count)
    return values, indices.gather(-1, order)


def sort(x: Tensor) -> tuple[Tensor, Tensor]:
    """Return the entries of each row, the greatest first, and their indices."""
    return torch.sort(x, dim=-1, descending=True)


def restore_order(x: Tensor, order: Tensor) -> Tensor:
    """Return the entries of each row in the order before it was sorted; `order` has the indices they had."""
    return torch.empty_like(x).scatter_(-1, order, x)


def argsort(x: Tensor) -> Tensor:
    """Return the indices that sort each row, the least entry first."""
    return torch.argsort(x, dim=-1)


def argmax(x: Tensor) -> Tensor:
    """Return the index of the greatest entry of each row."""
    return x.argmax(-1)


def max(x: Tensor, axis: int | None = None) -> Tensor:
    """Return the greatest entry, along an axis or of all."""
    return x.max() if axis is None else x.amax(axis)


def min(x: Tensor) -> Tensor:
    """Return the least entry of all."""
    return x.min()


def minimum(x: Tensor, bound: int) -> Tensor:
    """Return every entry, or `bound` where that is less."""
    return x.clamp(max=bound)


def cumsum(x: Tensor) -> Tensor:
    """Return the sums of the entries of each row so far."""
    return x.cumsum(-1)


def softmax(x: Tensor) -> Tensor:
    """Compute the probabilities of each row."""
    return torch.softmax(x, -1)


def log_softmax(x: Tensor) -> Tensor:
    """Compute the logarithms of the probabilities of each row."""
    return torch.log_softmax(x, -1)


def random_generator(generator: torch.Generator | int | None, like: Tensor) -> torch.Generator | None:
    """Return what `multinomial` draws from: the caller's, one of the caller's seed, or the global one."""
    return torch.Generator(like.device).manual_seed(generator) if isinstance(generator, int) else generator


def multinomial(probabilities: Tensor, count: int, generator: torch.Generator | None) -> Tensor:
    """Draw indices from each row without replacement. *Shape:* `[rows, count]`."""
    return torch.multinomial(probabilities, count, generator=generator)


def isnan(x: Tensor) -> Tensor:
    """Tell which entries are NaN."""
    return torch.isnan(x)


def any(x: Tensor) -> Tensor:
    """Tell whether an entry is true."""
    return x.any()


def all(x: Any) -> Any:
    """Tell whether all entries are true."""
    return x.all() if isinstance(x, Tensor) else x


def as_bool(x: Any) -> bool:
    """Return a truth value of Python."""
    return bool(x)


def as_int(x: Tensor) -> int:
    """Return a whole number of Python."""
    return int(x)


def nonzero(x: Tensor) -> list[int]:
    """Return the indices of the true entries of a vector."""
    return x.nonzero().flatten().tolist()


def matmul(x: Tensor, y: Tensor) -> Tensor:
    """Multiply matrices."""
    return x @ y


def matrix_transpose(x: Tensor) -> Tensor:
    """Exchange the last two axes."""
    return x.transpose(-1, -2)


def clip(x: Tensor, low: int | None, high: int | None) -> Tensor:
    """Bound every entry."""
    return x.clamp(low, high)


def mean(x: Tensor, axis: int) -> Tensor:
    """Average along an axis."""
    return x.mean(axis)


def sum(x: Tensor, axis: int) -> Tensor:
    """Add up along an axis."""
    return x.sum(axis)


def take_position(x: Tensor, index: Tensor) -> Tensor:
    """Take one position of each row. *Shape:* `[batch, seq, size]` and `[batch]` to `[batch, size]`."""
    return x.gather(1, index.long()[:, None, None].expand(-1, 1, x.shape[-1]))[:, 0]


def unstack_last(x: Tensor) -> tuple[Tensor, ...]:
    """Split the last axis into one tensor each."""
    return tuple(part.contiguous() for part in x.unbind(-1))
