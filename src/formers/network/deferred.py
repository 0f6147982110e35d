"""Making models whose weights get their values from someone else, such as a file."""
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_deferred: ContextVar[bool] = ContextVar("deferred", default=False)


@contextmanager
def deferred() -> Iterator[None]:
    """Give the weights of models that are made inside no values, and no memory where the backend can."""
    token = _deferred.set(True)
    try:
        yield
    finally:
        _deferred.reset(token)


def is_deferred() -> bool:
    """Tell whether weights are left to someone else."""
    return _deferred.get()
