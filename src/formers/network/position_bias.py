"""Learned biases on attention scores by bucketed distance (T5)."""
from typing import Any

from formers.architecture import Bucketed


def position_bias(ops: Any, parts: Any, spec: Bucketed, start: Any, queries: Any, keys: Any, like: Any) -> Any:
    """Look up the biases of queries at `start`, `start + 1`, ... on keys at 0, 1, ... (Raffel et al., 2020).

    Half of the buckets hold one distance each; the others grow with the logarithm up to `max_distance`, and the last
    one holds all that is farther.

    Args:
        ops: the operations of the backend.
        parts: has the `table`, and the constant `buckets`: the bucket of each distance from `-max_distance` on.
        spec: what they are.
        start: position of the first query.
        queries, keys: number of queries and of keys.
        like: a tensor where the biases are to be.

    Returns:
        *Shape:* `[1, heads, queries, keys]`.
    """
    table = parts("table")
    farthest = spec.max_distance
    query, key = ops.arange(queries, like) + start, ops.arange(keys, like)
    distance = ops.clip(key - query[:, None], -farthest, farthest) + farthest
    buckets = ops.take_rows(parts.constant("buckets"), distance)
    return ops.heads_first(ops.embed(table, buckets, "buckets"))
