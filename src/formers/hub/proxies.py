"""Proxies for what `huggingface_hub` downloads."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

_lock = threading.RLock()


@contextmanager
def proxied(proxies: Mapping[str, str] | None) -> Iterator[None]:
    """Send what `huggingface_hub` asks for through proxies.

    It reads them from the environment when it opens its connections, so that is where they are put meanwhile.

    Args:
        proxies: Scheme (`http`, `https` or `all`) -> address.
    """
    if not proxies:
        yield
        return
    from huggingface_hub import close_session

    variables = {}
    for scheme, address in proxies.items():
        scheme = scheme.removesuffix("://")
        if scheme not in ("http", "https", "all"):
            raise ValueError(f"proxies: {scheme!r} is none of 'http', 'https', 'all'")
        variables[f"{scheme}_proxy"] = address if "://" in address else f"http://{address}"
    with _lock:
        before = {name: os.environ.get(name) for name in variables}
        os.environ.update(variables)
        close_session()
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
            close_session()
