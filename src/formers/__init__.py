"""formers: the documented Transformers API on today's Python, PyTorch and Keras.

Every public name is loaded when it is first used: `import formers` imports no framework. The names and
where they live stand in ``__init__.pyi``, which editors read as types and `lazy_loader` reads at run time.
"""

import lazy_loader as _lazy

from formers.garbage import uncollected as _uncollected

__version__ = "0.1.0"

_load, __dir__, _NAMES = _lazy.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    if name == "__all__":
        # Asked for by `from formers import *` only: every name that the installed frameworks can serve.
        return [public for public in _NAMES if _is_available(public)]
    try:
        with _uncollected():
            return _load(name)
    except ModuleNotFoundError as error:
        extra = _extra_that_brings(error.name)
        if extra is None:
            raise
        raise ImportError(
            f"formers.{name} needs {error.name!r}, which is not installed: run `pip install 'formers[{extra}]'`",
            name=error.name,
        ) from error


def _extra_that_brings(module: str | None) -> str | None:
    from formers.frameworks import EXTRAS

    return EXTRAS.get((module or "").partition(".")[0])


def _is_available(name: str) -> bool:
    try:
        _load(name)
    except ModuleNotFoundError as error:
        if _extra_that_brings(error.name) is None:
            raise
        return False
    return True
