"""A progress bar that shows up only when it is worth it."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import Any

SECONDS = 3.0


class Progress:
    """Counts finished inputs and shows a bar after a few seconds of work; `TQDM_DISABLE=1` turns it off.

    Args:
        total: Number of inputs, or None if unknown.
        label: Text before the bar.
        show: True at once, False never, None after a few seconds.
    """

    def __init__(self, total: int | None, label: str, show: bool | None = None) -> None:
        disabled = os.environ.get("TQDM_DISABLE", "").lower() not in ("", "0", "false")
        self._due = None if show is False or disabled else time.monotonic() + (0.0 if show else SECONDS)
        self._total, self._label = total, label
        self._count = 0.0
        self._bar: Any = None

    def advance(self, count: float) -> None:
        """Note that `count` more inputs are done."""
        before, self._count = round(self._count), self._count + count
        if self._bar is not None:
            self._bar.update(round(self._count) - before)
        elif self._due is not None and time.monotonic() >= self._due and round(self._count) != self._total:
            from tqdm.auto import tqdm

            self._bar = tqdm(total=self._total, initial=round(self._count), desc=self._label, unit="input", leave=False)

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.close()
