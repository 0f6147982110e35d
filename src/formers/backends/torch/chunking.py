"""Computing a function over slices of its inputs to save memory."""
from collections.abc import Callable

import torch
from torch import Tensor


def apply_chunking_to_forward(
    chunk_size: int, chunk_dim: int, forward_fn: Callable[..., Tensor], *input_tensors: Tensor
) -> Tensor:
    """Apply `forward_fn` to slices of `chunk_size` along `chunk_dim` and join the results.

    Args:
        chunk_size: length of a slice; 0 computes all at once.
        chunk_dim: the axis to split.
        forward_fn: a function whose result at a position depends on that position of its inputs alone.
        *input_tensors: its inputs, of one length along `chunk_dim`.

    Raises:
        ValueError: the inputs differ in length, or the length is not a multiple of `chunk_size`.
    """
    lengths = {tensor.shape[chunk_dim] for tensor in input_tensors}
    if len(lengths) != 1:
        raise ValueError(f"inputs to be chunked need one length along axis {chunk_dim}, found {sorted(lengths)}")
    if chunk_size <= 0:
        return forward_fn(*input_tensors)
    (length,) = lengths
    if length % chunk_size:
        raise ValueError(f"the length {length} along axis {chunk_dim} is not a multiple of the chunk size {chunk_size}")
    slices = zip(*(tensor.split(chunk_size, chunk_dim) for tensor in input_tensors), strict=True)
    return torch.cat([forward_fn(*parts) for parts in slices], chunk_dim)
