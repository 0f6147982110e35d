"""Helpers on TensorFlow's tensors that old code takes from `transformers.generation_tf_utils`."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf


def _create_next_token_logits_penalties(input_ids: Any, logits: Any, repetition_penalty: float) -> np.ndarray:
    """Return factors that make tokens which were there already less likely (Keskar et al., 2019).

    Args:
        input_ids: Token ids so far, *shape* `[batch, length]`.
        logits: Scores of the next token, *shape* `[batch, vocabulary]`.
        repetition_penalty: More than 1 makes them less likely.

    Returns:
        1 for the others, *shape* `[batch, vocabulary]`.
    """
    ids, scores = np.asarray(input_ids), np.asarray(logits)
    seen = np.zeros(scores.shape, dtype=bool)
    np.put_along_axis(seen, ids.astype(np.int64), True, axis=1)
    penalties = np.where(scores < 0, repetition_penalty, 1 / repetition_penalty)
    return np.where(seen, penalties, 1.0).astype(scores.dtype)


def sample_without_replacement(logits: Any, num_samples: int) -> Any:
    """Draw different tokens, each step by the probabilities of those that are left.

    Args:
        logits: *Shape:* `[batch, vocabulary]`.
        num_samples: How many to draw.

    Returns:
        int32 token ids, *shape* `[batch, num_samples]`.
    """
    # The largest of logits with Gumbel noise are such a draw (Kool et al., 2019).
    uniform = tf.random.uniform(tf.shape(logits), minval=np.finfo(np.float32).tiny, maxval=1.0)
    noisy = tf.cast(logits, tf.float32) - tf.math.log(-tf.math.log(uniform))
    return tf.math.top_k(noisy, num_samples)[1]


def scatter_values_on_batch_indices(values: Any, batch_indices: Any) -> Any:
    """Put values to given positions of each row, the inverse of `tf.gather(x, indices, batch_dims=1)`.

    Args:
        values: *Shape:* `[batch, count]`.
        batch_indices: Position of each value in its row, *shape* `[batch, count]`.

    Returns:
        *Shape:* `[batch, count]`; positions that are not named are 0.
    """
    shape = tf.shape(batch_indices)
    rows = tf.broadcast_to(tf.range(shape[0])[:, None], shape)
    positions = tf.stack([rows, tf.cast(batch_indices, tf.int32)], axis=-1)
    return tf.scatter_nd(positions, values, shape)


def set_tensor_by_indices_to_value(tensor: Any, indices: Any, value: float) -> Any:
    """Return a tensor with a value where a mask is true.

    Args:
        tensor: Any tensor.
        indices: Mask of the same shape.
        value: The value.
    """
    return tf.where(indices, tf.cast(value, tensor.dtype), tensor)
