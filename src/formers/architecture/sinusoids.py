"""The values of a `Sinusoid` table."""
from typing import Any


def sinusoids(size: int, hidden: int, layout: str) -> Any:
    """Compute the sines and cosines of positions (Vaswani et al., 2017).

    Args:
        size: number of positions.
        hidden: length of a row.
        layout: `interleaved` (sine, cosine, sine, ...) or `halves` (all sines, then all cosines).

    Returns:
        A NumPy array, float64. *Shape:* `[size, hidden]`.
    """
    import numpy as np

    rates = np.power(10000.0, -2 * (np.arange(hidden) // 2) / hidden)
    angles = np.arange(size)[:, None] * rates
    sines, cosines = np.sin(angles[:, 0::2]), np.cos(angles[:, 1::2])
    if layout == "halves":
        return np.concatenate([sines, cosines], 1)
    table = np.empty((size, hidden))
    table[:, 0::2], table[:, 1::2] = sines, cosines
    return table
