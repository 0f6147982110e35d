"""The harness's side of a worker process."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

WORKERS = Path(__file__).parent / "workers"


class Worker:
    """A worker that stays, so that repeats of different libraries can take turns.

    Args:
        python: interpreter of the environment to measure.
        script: file name in `workers/`.
        arguments: command-line arguments of the script.
        source: a folder that goes before the installed packages.
    """

    def __init__(self, python: Path, script: str, *arguments: str, source: Path | None = None) -> None:
        # No hub: a benchmark that waits for a network measures the network.
        environment = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore", "TQDM_DISABLE": "1"}
        if source is not None:
            environment["PYTHONPATH"] = str(source.resolve())
        verbose = bool(os.environ.get("BENCHMARK_VERBOSE"))
        self._process = subprocess.Popen(
            [python, WORKERS / script, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if verbose else subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self._name = f"{script} {' '.join(arguments)}"

    def call(self, function: str, **arguments: Any) -> Any:
        """Call a function of the worker.

        Raises:
            RuntimeError: the function failed (the message holds its traceback) or the process died.
        """
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"call": function, "arguments": arguments}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            code = self._process.wait()
            raise RuntimeError(f"worker {self._name!r} died with exit code {code} in {function!r}")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"worker {self._name!r} failed in {function!r}:\n{answer['error']}")
        return answer["result"]

    def __enter__(self) -> Worker:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
