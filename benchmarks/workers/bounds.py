"""Worker: what this machine can do at best, measured with PyTorch's own products on the shapes of BERT-base."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import torch
from serving import serve  # type: ignore[import-not-found]  # beside this script

SHAPES = [(tokens, inputs, outputs) for tokens in (512, 2048) for inputs, outputs in ((768, 3072), (3072, 768))]


def _best(run: Callable[[], object], seconds: float) -> float:
    run()
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def products(dtype: str, seconds: float) -> float:
    """Best GFLOP/s of `x @ w.T` over BERT's shapes.

    Args:
        dtype: `float32` or `bfloat16`.
        seconds: to spend on each shape.
    """
    rate = 0.0
    for tokens, inputs, outputs in SHAPES:
        x = torch.ones(tokens, inputs, dtype=getattr(torch, dtype))
        w = torch.ones(outputs, inputs, dtype=getattr(torch, dtype))
        with torch.inference_mode():
            best = _best(partial(torch.nn.functional.linear, x, w), seconds)
        rate = max(rate, 2e-9 * tokens * inputs * outputs / best)
    return rate


def memory_read(seconds: float) -> float:
    """Best GB/s of a sum over 512 MiB."""
    numbers = torch.ones(128 * 2**20)
    return numbers.numel() * 4e-9 / _best(numbers.sum, seconds)


def bf16_instructions() -> bool:
    """Whether oneDNN finds bf16 instructions; without them PyTorch emulates, far slower than fp32."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


serve({f.__name__: f for f in (products, memory_read, bf16_instructions)})
