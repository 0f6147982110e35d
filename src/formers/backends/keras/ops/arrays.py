"""Operations on arrays."""
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import keras
import numpy as np
from keras import ops


def no_gradients() -> AbstractContextManager[Any]:
    """Return a context in which nothing is recorded for gradients."""
    return nullcontext()


def as_id_array(values: Any, model: Any) -> Any:
    """Return whole numbers as a tensor of 32 bits, which all frameworks index with."""
    return ops.cast(ops.convert_to_tensor(values), "int32")


def arange(size: int, like: Any) -> Any:
    """Return 0, 1, ..., `size` - 1."""
    return ops.arange(size, dtype="int32")


def full(shape: Sequence[int], value: float, like: Any) -> Any:
    """Return one value everywhere, of the type of `like`."""
    return ops.full(tuple(shape), value, dtype=like.dtype)


def ones(like: Any, columns: int) -> Any:
    """Return ones of the type of `like` (True for truth values). *Shape:* `[rows, columns]`."""
    return ops.ones((ops.shape(like)[0], columns), dtype=like.dtype)


def where(condition: Any, x: Any, y: Any) -> Any:
    """Return `x` where the condition holds, else `y`."""
    return ops.where(condition, x, y)


def concat(tensors: Sequence[Any], axis: int) -> Any:
    """Join along an axis."""
    return ops.concatenate(list(tensors), axis)


def stack(tensors: Sequence[Any], axis: int) -> Any:
    """Join along a new axis."""
    return ops.stack(list(tensors), axis)


def reshape(x: Any, shape: Sequence[int]) -> Any:
    """Return the same values in another shape."""
    return ops.reshape(x, tuple(shape))


def repeat(x: Any, times: int, axis: int = 0) -> Any:
    """Return every row `times` times."""
    return ops.repeat(x, times, axis) if times > 1 else x


def pad_columns(ids: Any, width: int, filler: int) -> Any:
    """Return a copy that is padded to `width` columns. *Shape:* `[rows, width]`."""
    return ops.pad(ids, ((0, 0), (0, width - ids.shape[1])), constant_values=filler)


def set_column(ids: Any, column: int, tokens: Any) -> Any:
    """Return `ids` with a column replaced."""
    return ops.slice_update(ids, (0, column), tokens[:, None])


def fill_column(scores: Any, column: int, value: float) -> Any:
    """Return `scores` with one value in a column."""
    return ops.where(ops.arange(scores.shape[-1]) == column, value, scores)


def add_in_place(scores: Any, by: Any) -> Any:
    """Return `scores + by`."""
    return scores + by


def take(x: Any, rows: Any) -> Any:
    """Return rows by their indices."""
    if keras.backend.backend() == "tensorflow":  # Keras would look for negative indices, in several operations
        import tensorflow as tf

        return tf.gather(x, rows)
    return ops.take(x, rows, axis=0)


def take_along_axis(x: Any, index: Any) -> Any:
    """Return entries of each row by their indices. *Shape:* `[rows, n]`."""
    if keras.backend.backend() == "tensorflow":  # one operation in place of some thirty
        import tensorflow as tf

        return tf.gather(x, index, batch_dims=1)
    return ops.take_along_axis(x, index if len(index.shape) == len(x.shape) else index[..., None], axis=1)


def take_positions(x: Any, index: Any) -> Any:
    """Return vectors of each sequence by their positions. *Shape:* `[batch, seq, size]` and `[batch, n]`."""
    return take_along_axis(x, index)


def occurrences(ids: Any, counted: Any | None, size: int) -> Any:
    """Tell which ids below `size` occur in each row, where they count. *Shape:* `[rows, size]`, truth values."""
    rows = ops.broadcast_to(ops.arange(ids.shape[0], dtype="int32")[:, None], ids.shape)
    at = ops.reshape(ops.stack([rows, ops.cast(ids, "int32")], -1), (-1, 2))
    values = ops.ones_like(ids) if counted is None else ops.cast(counted, "int32")
    return ops.scatter(at, ops.cast(ops.reshape(values, (-1,)), "int32"), (ids.shape[0], size)) > 0


def isin(x: Any, values: Sequence[int]) -> Any:
    """Tell which entries are among `values`."""
    return ops.any(x[..., None] == ops.convert_to_tensor(list(values), dtype=x.dtype), -1)


def divmod(x: Any, by: int) -> tuple[Any, Any]:
    """Return quotient and remainder of whole numbers."""
    quotient = x // by
    return quotient, x - quotient * by


def top_k(x: Any, count: int) -> tuple[Any, Any]:
    """Return the greatest entries of each row, the greatest first, and their indices."""
    values, indices = ops.top_k(x, count)
    return values, indices


def sort(x: Any) -> tuple[Any, Any]:
    """Return the entries of each row, the greatest first, and their indices."""
    return top_k(x, x.shape[-1])


def restore_order(x: Any, order: Any) -> Any:
    """Return the entries of each row in the order before it was sorted; `order` has the indices they had."""
    return take_along_axis(x, ops.argsort(order, axis=-1))


def argsort(x: Any) -> Any:
    """Return the indices that sort each row, the least entry first."""
    return ops.argsort(x, axis=-1)


def argmax(x: Any) -> Any:
    """Return the index of the greatest entry of each row."""
    return ops.cast(ops.argmax(x, -1), "int32")


def max(x: Any, axis: int | None = None) -> Any:
    """Return the greatest entry, along an axis or of all."""
    return ops.max(x, axis)


def min(x: Any) -> Any:
    """Return the least entry of all."""
    return ops.min(x)


def minimum(x: Any, bound: int) -> Any:
    """Return every entry, or `bound` where that is less."""
    return ops.minimum(x, bound)


def cumsum(x: Any) -> Any:
    """Return the sums of the entries of each row so far."""
    return ops.cumsum(x, -1)


def softmax(x: Any) -> Any:
    """Compute the probabilities of each row."""
    return ops.softmax(x, -1)


def log_softmax(x: Any) -> Any:
    """Compute the logarithms of the probabilities of each row."""
    return ops.log_softmax(x, -1)


def random_generator(
    generator: keras.random.SeedGenerator | int | None, like: Any
) -> keras.random.SeedGenerator:
    """Return what `multinomial` draws from: the caller's, one of the caller's seed, or the global one."""
    if generator is None and keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        # `tf.random.set_seed` is how the documentation makes sampling repeatable.
        generator = int(tf.random.uniform((), maxval=2**31 - 1, dtype=tf.int32))
    return generator if isinstance(generator, keras.random.SeedGenerator) else keras.random.SeedGenerator(generator)


def multinomial(probabilities: Any, count: int, generator: keras.random.SeedGenerator) -> Any:
    """Draw indices from each row without replacement. *Shape:* `[rows, count]`."""
    # Of exponential clocks with these rates, the first to ring are such a draw.
    uniform = keras.random.uniform(probabilities.shape, 1e-7, 1.0, dtype="float32", seed=generator)
    return top_k(ops.cast(probabilities, "float32") / -ops.log(uniform), count)[1]


def isnan(x: Any) -> Any:
    """Tell which entries are NaN."""
    return ops.isnan(x)


def any(x: Any) -> Any:
    """Tell whether an entry is true."""
    return ops.any(x)


def all(x: Any) -> Any:
    """Tell whether all entries are true."""
    return ops.all(x) if hasattr(x, "shape") else x


def as_bool(x: Any) -> bool:
    """Return a truth value of Python."""
    return bool(x)


def as_int(x: Any) -> int:
    """Return a whole number of Python."""
    return int(x)


def nonzero(x: Any) -> list[int]:
    """Return the indices of the true entries of a vector."""
    return np.nonzero(ops.convert_to_numpy(x))[0].tolist()


def matmul(x: Any, y: Any) -> Any:
    """Multiply matrices."""
    return ops.matmul(x, y)


def matrix_transpose(x: Any) -> Any:
    """Exchange the last two axes."""
    return ops.swapaxes(x, -1, -2)


def clip(x: Any, low: int | None, high: int | None) -> Any:
    """Bound every entry."""
    x = x if low is None else ops.maximum(x, low)
    return x if high is None else ops.minimum(x, high)


def mean(x: Any, axis: int) -> Any:
    """Average along an axis."""
    return ops.mean(x, axis)


def sum(x: Any, axis: int) -> Any:
    """Add up along an axis."""
    return ops.sum(x, axis)


def take_position(x: Any, index: Any) -> Any:
    """Take one position of each row. *Shape:* `[batch, seq, size]` and `[batch]` to `[batch, size]`."""
    return ops.take_along_axis(x, ops.cast(index, "int32")[:, None, None], axis=1)[:, 0]


def unstack_last(x: Any) -> tuple[Any, ...]:
    """Split the last axis into one tensor each."""
    return tuple(ops.unstack(x, axis=-1))
