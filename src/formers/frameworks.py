"""Which optional packages are installed. Nothing here imports them, so asking is cheap."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache, wraps
from importlib.util import find_spec
from typing import Any, TypeVar, cast

Function = TypeVar("Function", bound=Callable[..., Any])

_YES = {"1", "ON", "YES", "TRUE"}

# Top-level package that an optional part needs -> extra of this distribution that installs it.
EXTRAS = {
    "torch": "torch",
    "h5py": "torch",
    "tensorflow": "tf",
    "keras": "tf",
    "jax": "jax",
    "accelerate": "train",
    "tensorboard": "train",
    "sklearn": "train",
    "datasets": "train",
    "fastapi": "serve",
    "uvicorn": "serve",
    "gradio": "serve",
    "ray": "ray",
    "onnx": "onnx",
    "onnxruntime": "onnx",
    "coremltools": "export",
    "ftfy": "text",
    "spacy": "text",
    "sacremoses": "text",
}


@cache
def is_installed(package: str) -> bool:
    """Tell whether a top-level package can be imported, found without importing it."""
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # ValueError: a module put into sys.modules by hand, without a spec
        return False


def require(package: str) -> None:
    """Check that an optional package is installed.

    Args:
        package: Its import name, such as `"torch"`.

    Raises:
        ImportError: If it is not; the message names the command that installs it.
    """
    if not is_installed(package):
        wanted = f"formers[{EXTRAS[package]}]" if package in EXTRAS else package
        raise ImportError(f"this needs the package {package!r}, which is not installed: run `pip install '{wanted}'`")


def _switched_on(variable: str) -> bool:
    return os.environ.get(variable, "AUTO").upper() in _YES


def _may_use(variable: str, other: str) -> bool:
    """Tell whether `USE_TORCH`/`USE_TF` allow a framework: asked for, or automatic and the other not asked for."""
    value = os.environ.get(variable, "AUTO").upper()
    return value in _YES or (value == "AUTO" and not _switched_on(other))


def is_torch_available() -> bool:
    """Tell whether PyTorch is installed (and not switched off by `USE_TORCH=0` or `USE_TF=1`)."""
    return _may_use("USE_TORCH", "USE_TF") and is_installed("torch")


def is_tf_available() -> bool:
    """Tell whether TensorFlow is installed (and not switched off by `USE_TF=0` or `USE_TORCH=1`)."""
    return _may_use("USE_TF", "USE_TORCH") and is_installed("tensorflow")


def is_torch_tpu_available() -> bool:
    """Tell whether PyTorch can use a TPU, that is, `torch_xla` is installed."""
    return is_torch_available() and is_installed("torch_xla")


def is_apex_available() -> bool:
    """Tell whether NVIDIA's `apex` is installed."""
    return is_installed("apex")


def is_psutil_available() -> bool:
    """Tell whether `psutil` is installed."""
    return is_installed("psutil")


def is_py3nvml_available() -> bool:
    """Tell whether `py3nvml` is installed."""
    return is_installed("py3nvml")


def torch_required(function: Function) -> Function:
    """Decorate a function that needs PyTorch: calling it without PyTorch raises `ImportError`."""
    return _requiring("torch", function)


def tf_required(function: Function) -> Function:
    """Decorate a function that needs TensorFlow: calling it without TensorFlow raises `ImportError`."""
    return _requiring("tensorflow", function)


def _requiring(package: str, function: Function) -> Function:

    @wraps(function)
    def checked(*args: Any, **kwargs: Any) -> Any:
        require(package)
        return function(*args, **kwargs)

    return cast(Function, checked)
