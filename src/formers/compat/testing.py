"""Decorators for tests, as projects that were built on the documented library use them."""

from __future__ import annotations

import os
import unittest
from collections.abc import Callable
from typing import Any, TypeVar

from formers.frameworks import is_tf_available, is_torch_available

SMALL_MODEL_IDENTIFIER = "julien-c/bert-xsmall-dummy"
DUMMY_UNKWOWN_IDENTIFIER = "julien-c/dummy-unknown"  # as it was spelt

TestCase = TypeVar("TestCase", bound=Callable[..., Any])

_YES = {"y", "yes", "t", "true", "on", "1"}
_NO = {"n", "no", "f", "false", "off", "0"}


def parse_flag_from_env(key: str, default: bool = False) -> bool:
    """Read a yes or no from the environment.

    Raises:
        ValueError: If the variable says neither.
    """
    value = os.environ.get(key)
    if value is None:
        return default
    if value.lower() not in _YES | _NO:
        raise ValueError(f"the environment variable {key} is {value!r}, expected yes or no")
    return value.lower() in _YES


def parse_int_from_env(key: str, default: int | None = None) -> int | None:
    """Read a whole number from the environment.

    Raises:
        ValueError: If the variable is not a whole number.
    """
    value = os.environ.get(key)
    if value is None:
        return default
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"the environment variable {key} is {value!r}, expected a whole number") from None


def slow(test_case: TestCase) -> TestCase:
    """Decorate a test that takes long: it is skipped unless `RUN_SLOW` is set to yes."""
    return unittest.skipUnless(parse_flag_from_env("RUN_SLOW"), "takes long: runs with RUN_SLOW=yes")(test_case)


def custom_tokenizers(test_case: TestCase) -> TestCase:
    """Decorate a test of a tokenizer with special needs: it is skipped unless `RUN_CUSTOM_TOKENIZERS` is yes."""
    wanted = parse_flag_from_env("RUN_CUSTOM_TOKENIZERS")
    return unittest.skipUnless(wanted, "needs further packages: runs with RUN_CUSTOM_TOKENIZERS=yes")(test_case)


def require_torch(test_case: TestCase) -> TestCase:
    """Decorate a test that needs PyTorch: it is skipped where that is not available."""
    return unittest.skipUnless(is_torch_available(), "needs PyTorch")(test_case)


def require_tf(test_case: TestCase) -> TestCase:
    """Decorate a test that needs TensorFlow: it is skipped where that is not available."""
    return unittest.skipUnless(is_tf_available(), "needs TensorFlow")(test_case)


def require_multigpu(test_case: TestCase) -> TestCase:
    """Decorate a test that needs several GPUs in PyTorch: it is skipped where there are fewer than two."""
    return unittest.skipUnless(_gpus() > 1, "needs several GPUs")(test_case)


def _gpus() -> int:
    if not is_torch_available():
        return 0
    import torch

    return torch.cuda.device_count()


def __getattr__(name: str) -> str | None:
    if name == "torch_device":  # asked for by tests of PyTorch only
        return None if not is_torch_available() else "cuda" if parse_flag_from_env("USE_CUDA") else "cpu"
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
