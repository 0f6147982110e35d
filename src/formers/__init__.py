"""formers: the documented Transformers API on today's Python, PyTorch and Keras.

Every public name is loaded when it is first used: `import formers` imports no framework. The names and
where they live stand in ``__init__.pyi``, which editors read as types and `lazy_loader` reads at run time.
"""

import lazy_loader as _lazy

__version__ = "0.1.0"

# Top-level module that an optional part needs -> extra of this distribution that installs it.
_EXTRAS = {
    "torch": "torch",
    "tensorflow": "tf",
    "keras": "tf",
    "h5py": "torch",
    "jax": "jax",
    "accelerate": "train",
    "tensorboard": "train",
    "sklearn": "train",
    "datasets": "train",
    "fastapi": "serve",
    "uvicorn": "serve",
    "gradio": "serve",
    "ray": "ray",
    "onnx": "export",
    "onnxruntime": "export",
    "coremltools": "export",
}

_load, __dir__, _NAMES = _lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__all__":
        # Asked for by `from formers import *` only: every name that the installed frameworks can serve.
        return [public for public in _NAMES if _is_available(public)]
    try:
        return _load(name)
    except ModuleNotFoundError as error:
        missing = _top_level(error)
        if missing not in _EXTRAS:
            raise
        raise ImportError(
            f"formers.{name} needs {missing!r}, which is not installed. "
            f"Install it with: pip install formers[{_EXTRAS[missing]}]",
            name=missing,
        ) from error


def _top_level(error: ModuleNotFoundError) -> str:
    return (error.name or "").partition(".")[0]


def _is_available(name: str) -> bool:
    try:
        _load(name)
    except ModuleNotFoundError as error:
        if _top_level(error) not in _EXTRAS:
            raise
        return False
    return True
