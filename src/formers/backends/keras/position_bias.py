"""Learned biases on attention scores by bucketed distance (T5)."""
from typing import Any

import keras
from keras import ops

from formers.architecture import Bucketed, Init
from formers.architecture.buckets import bucket_of_distance

from .construction import table


class PositionBias(keras.layers.Layer):
    """A bias on the scores for every head and every bucket of distances (Raffel et al., 2020).

    Args:
        spec: the numbers.
        heads: number of heads.
        hidden: width of the residual stream.
        init: where fresh weights come from.
        name: name of the layer.
    """

    def __init__(self, spec: Bucketed, heads: int, hidden: int, init: Init, name: str):
        super().__init__(name=name)
        self.spec = spec
        self.table = table(spec.buckets, heads, init, "table", width=hidden)
        self._buckets = bucket_of_distance(spec).astype("int32")
        self.built = True

    def call(self, start: Any, queries: Any, keys: Any) -> Any:
        """The biases of queries at `start`, `start + 1`, ... on keys at 0, 1, ...

        *Shape:* `[1, heads, queries, keys]`.
        """
        farthest = self.spec.max_distance
        query, key = ops.arange(queries) + start, ops.arange(keys)
        distance = ops.clip(key - query[:, None], -farthest, farthest) + farthest
        buckets = ops.take(ops.convert_to_tensor(self._buckets), distance, axis=0)
        return ops.transpose(self.table(buckets), (2, 0, 1))[None]
