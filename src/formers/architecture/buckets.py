"""The buckets of a `Bucketed` bias."""
from typing import Any

from .layers import Bucketed


def bucket_of_distance(spec: Bucketed) -> Any:
    """Return the bucket of each distance from `-max_distance` (to the left) to `max_distance`.

    Half of the buckets hold one distance each; the others grow with the logarithm up to `max_distance`, and the last
    one holds all that is farther (Raffel et al., 2020).

    Returns:
        A NumPy array, int64. *Shape:* `[2 * max_distance + 1]`.
    """
    import numpy as np

    offset = np.arange(-spec.max_distance, spec.max_distance + 1)
    buckets = spec.buckets // 2 if spec.bidirectional else spec.buckets
    right = (offset > 0) * buckets if spec.bidirectional else np.zeros_like(offset)
    distance = np.abs(offset) if spec.bidirectional else np.maximum(-offset, 0)
    exact = buckets // 2
    # In single precision, as the models were trained: it decides on which side of a border a distance falls.
    share = np.log(np.maximum(distance, 1).astype("float32") / np.float32(exact)) / np.float32(
        np.log(spec.max_distance / exact)
    )
    grown = np.minimum(exact + (share * np.float32(buckets - exact)).astype("int64"), buckets - 1)
    return right + np.where(distance < exact, distance, grown)
