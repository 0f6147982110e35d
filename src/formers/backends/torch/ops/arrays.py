"""Operations on arrays."""
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor

GROUP = 128
"""Entries of a row that `topk` looks at together."""


def no_gradients() -> AbstractContextManager[Any]:
    """Inside, nothing is remembered for gradients."""
    return torch.no_grad()


def ids(values: Any, model: Any) -> Tensor:
    """Whole numbers as a tensor, if they are not one yet, where the model is."""
    return values if isinstance(values, Tensor) else torch.tensor(values, device=model.device)


def arange(size: int, like: Any) -> Tensor:
    """0, 1, ..., `size` - 1, where `like` is, a tensor or a part with a weight."""
    tensor = getattr(like, "weight", like)
    if not isinstance(tensor, Tensor):
        tensor = next(like.parameters())
    return torch.arange(size, device=tensor.device)


def full(shape: Sequence[int], value: float, like: Tensor) -> Tensor:
    """One value everywhere, of the type of `like`."""
    return like.new_full(tuple(shape), value)


def ones(like: Tensor, columns: int) -> Tensor:
    """Ones of the type of `like` (True for truth values). *Shape:* `[rows, columns]`."""
    return like.new_ones(like.shape[0], columns)


def where(condition: Tensor, x: Any, y: Any) -> Tensor:
    """`x` where the condition holds, else `y`."""
    return torch.where(condition, x, y)


def concat(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Join along an axis."""
    return torch.cat(list(tensors), axis)


def stack(tensors: Sequence[Tensor], axis: int) -> Tensor:
    """Join along a new axis."""
    return torch.stack(list(tensors), axis)


def reshape(x: Tensor, shape: Sequence[int]) -> Tensor:
    """Another shape."""
    return x.reshape(tuple(shape))


def repeat(x: Tensor, times: int, axis: int = 0) -> Tensor:
    """Every row `times` times."""
    return x.repeat_interleave(times, axis) if times > 1 else x


def widen(ids: Tensor, width: int, filler: int) -> Tensor:
    """A copy with room up to `width` columns. *Shape:* `[rows, width]`."""
    wide = ids.new_full((ids.shape[0], width), filler)
    wide[:, : ids.shape[1]] = ids
    return wide


def write(ids: Tensor, column: int, tokens: Tensor) -> Tensor:
    """`ids` with a column replaced; it may be changed in place."""
    ids[:, column] = tokens
    return ids


def fill(scores: Tensor, column: int, value: float) -> Tensor:
    """`scores` with one value in a column; they may be changed in place."""
    scores[:, column] = value
    return scores


def raise_by(scores: Tensor, by: Tensor) -> Tensor:
    """`scores + by`; the scores may be changed in place."""
    return scores.add_(by)


def take(x: Tensor, rows: Tensor) -> Tensor:
    """Rows by their numbers."""
    return x.index_select(0, rows)


def pick(x: Tensor, index: Tensor) -> Tensor:
    """Entries of each row by their places. *Shape:* `[rows, places]`."""
    return x.gather(-1, index)


def pick_rows(x: Tensor, index: Tensor) -> Tensor:
    """Of each batch, vectors by their places. *Shape:* `[batch, n, size]` and `[batch, places]`."""
    return x.gather(1, index[..., None].expand(-1, -1, x.shape[-1]))


def mark(ids: Tensor, counted: Tensor | None, size: int) -> Tensor:
    """Which numbers below `size` occur in each row, where they count. *Shape:* `[rows, size]`, truth values."""
    marks = torch.zeros(ids.shape[0], size, dtype=torch.int32, device=ids.device)
    values = torch.ones_like(ids, dtype=torch.int32) if counted is None else counted.to(torch.int32)
    return marks.scatter_add_(1, ids, values) > 0


def member(x: Tensor, values: Sequence[int]) -> Tensor:
    """Which entries are among `values`."""
    return torch.isin(x, torch.tensor(list(values), device=x.device))


def divide(x: Tensor, by: int) -> tuple[Tensor, Tensor]:
    """Quotient and remainder of whole numbers."""
    quotient = torch.div(x, by, rounding_mode="floor")
    return quotient, x - quotient * by


def topk(x: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The greatest entries of each row, the greatest first, and their places."""
    width = x.shape[-1]
    groups = width // GROUP
    if not x.is_cpu or groups < 8 * count:
        return torch.topk(x, count, dim=-1)
    # They are in the groups with the greatest maxima, and maxima are found far quicker than orders.
    grouped = groups * GROUP
    best = x[..., :grouped].unflatten(-1, (groups, GROUP)).amax(-1).topk(count).indices
    places = (best[..., None] * GROUP + torch.arange(GROUP)).flatten(-2)
    if grouped < width:
        places = torch.cat([places, torch.arange(grouped, width).expand(*places.shape[:-1], -1)], -1)
    values, order = torch.topk(x.gather(-1, places), count)
    return values, places.gather(-1, order)


def sort(x: Tensor) -> tuple[Tensor, Tensor]:
    """The entries of each row, the greatest first, and their places."""
    return torch.sort(x, dim=-1, descending=True)


def unsort(x: Tensor, order: Tensor) -> Tensor:
    """Entries of each row back to the places they came from."""
    return torch.empty_like(x).scatter_(-1, order, x)


def ascending(x: Tensor) -> Tensor:
    """The places of the entries of each row, the least first."""
    return torch.argsort(x, dim=-1)


def argmax(x: Tensor) -> Tensor:
    """The place of the greatest entry of each row."""
    return x.argmax(-1)


def maximum(x: Tensor, axis: int | None = None) -> Tensor:
    """The greatest entry, along an axis or of all."""
    return x.max() if axis is None else x.amax(axis)


def minimum(x: Tensor) -> Tensor:
    """The least entry of all."""
    return x.min()


def minimum_of(x: Tensor, bound: int) -> Tensor:
    """Every entry, or `bound` where that is less."""
    return x.clamp(max=bound)


def cumsum(x: Tensor) -> Tensor:
    """Sums of the entries of each row so far."""
    return x.cumsum(-1)


def softmax(x: Tensor) -> Tensor:
    """Probabilities of each row."""
    return torch.softmax(x, -1)


def log_softmax(x: Tensor) -> Tensor:
    """Logarithms of the probabilities of each row."""
    return torch.log_softmax(x, -1)


def random_numbers(generator: torch.Generator | int | None, like: Tensor) -> torch.Generator | None:
    """What `sample` draws from: the caller's, one of the caller's seed, or the global one."""
    return torch.Generator(like.device).manual_seed(generator) if isinstance(generator, int) else generator


def sample(probabilities: Tensor, count: int, generator: torch.Generator | None) -> Tensor:
    """Places drawn from each row without putting back. *Shape:* `[rows, count]`."""
    return torch.multinomial(probabilities, count, generator=generator)


def isnan(x: Tensor) -> Tensor:
    """Which entries are no numbers."""
    return torch.isnan(x)


def any(x: Tensor) -> Tensor:
    """Whether an entry is true."""
    return x.any()


def all(x: Any) -> Any:
    """Whether all entries are true."""
    return x.all() if isinstance(x, Tensor) else x


def truth(x: Any) -> bool:
    """A truth value of Python."""
    return bool(x)


def number(x: Tensor) -> int:
    """A whole number of Python."""
    return int(x)


def indices(x: Tensor) -> list[int]:
    """The places of the true entries of a vector."""
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
