"""One request a line: how a worker process answers the harness.

Standard library only: a worker runs in the environment of the library it measures.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from typing import Any


def serve(handlers: Mapping[str, Callable[..., Any]]) -> None:
    """Answer `{"call": name, "arguments": {...}}` lines with `{"result": ...}` or `{"error": ...}` lines until the end.

    Args:
        handlers: functions by name; arguments and results are JSON values.
    """
    # What a library prints must not reach the answers: they get a descriptor of their own.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"result": handlers[request["call"]](**request["arguments"])}
        except Exception:
            answer = {"error": traceback.format_exc()}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def memory(field: str) -> int:
    """A field of `/proc/self/status` in bytes: `VmRSS` (now) or `VmHWM` (peak since the last reset)."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise KeyError(f"/proc/self/status has no field {field!r}")


def reset_peak_memory() -> None:
    """Make `VmHWM` count from now (see proc(5), clear_refs)."""
    with open("/proc/self/clear_refs", "w", encoding="ascii") as control:
        control.write("5")
