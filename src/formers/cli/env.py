"""`formers env`: the versions that a report of a problem should name."""

from __future__ import annotations

import argparse
import platform
import sys
from importlib.metadata import PackageNotFoundError, version

import formers
from formers.frameworks import is_torch_available

# What is shown -> distributions that may bring it, the first that is installed counts.
_PACKAGES = {
    "PyTorch": ("torch",),
    "TensorFlow": ("tensorflow", "tensorflow-cpu"),
    "Keras": ("keras",),
    "JAX": ("jax",),
    "NumPy": ("numpy",),
    "tokenizers": ("tokenizers",),
    "safetensors": ("safetensors",),
    "huggingface_hub": ("huggingface_hub",),
    "sentencepiece": ("sentencepiece",),
    "h5py": ("h5py",),
    "accelerate": ("accelerate",),
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Say what the command's arguments are."""
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Print one line a fact."""
    for what, value in environment().items():
        print(f"{what}: {value}")
    return 0


def environment() -> dict[str, str]:
    """Map each part to its version, or "not installed"."""
    facts = {
        "formers": formers.__version__,
        "Platform": platform.platform(),
        "Python": f"{platform.python_version()} ({sys.executable})",
    }
    facts |= {what: _version(distributions) for what, distributions in _PACKAGES.items()}
    facts["GPU (PyTorch)"] = _gpu()
    return facts


def _version(distributions: tuple[str, ...]) -> str:
    for name in distributions:
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "not installed"


def _gpu() -> str:
    if not is_torch_available():
        return "unknown: PyTorch is not installed"
    import torch

    if not torch.cuda.is_available():
        return "none"
    return ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
