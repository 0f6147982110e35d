"""The peer's environment: a virtual environment of its own, made once."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).parent / ".cache"
"""Everything the benchmark makes; ignored by git, safe to delete."""

REQUIREMENTS = (
    "torch==2.13.0", "transformers==5.23.0", "onnxruntime", "onnx", "sympy", "sentencepiece", "ctranslate2==4.8.5",
)  # fmt: skip
ENVIRONMENT_VARIABLE = "BENCHMARK_PEER_PYTHON"


def peer_python() -> Path:
    """Interpreter of the peer's environment, which is made if it is missing.

    `BENCHMARK_PEER_PYTHON` names the interpreter of an environment that exists already.

    Raises:
        RuntimeError: pip could not install the peer.
    """
    if chosen := os.environ.get(ENVIRONMENT_VARIABLE):
        return Path(chosen)
    folder = CACHE / ("peer-" + hashlib.sha256(repr(REQUIREMENTS).encode()).hexdigest()[:8])
    python, complete = folder / "bin" / "python", folder / "complete"
    if not complete.exists():
        print(f"Making the peer's environment in {folder} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS]
        if subprocess.run(command).returncode:
            raise RuntimeError(
                f"pip could not install {' '.join(REQUIREMENTS)}; make an environment with them and "
                f"set {ENVIRONMENT_VARIABLE} to its interpreter"
            )
        complete.touch()
    return python
