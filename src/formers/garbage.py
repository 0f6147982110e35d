"""Python's search for garbage that refers to itself."""
import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let no cyclic garbage be searched for.

    Importing a framework, and building a model, makes many objects and little garbage, and one search through all that
    PyTorch has imported takes as long as the rest of a load.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
