"""`formers run`: a program written for the transformers library, unchanged."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from formers.compat import CannotStart, run_code, run_module, run_script

_USAGE = """\
usage: formers run SCRIPT [ARGUMENT ...]
       formers run -m MODULE [ARGUMENT ...]
       formers run -c CODE [ARGUMENT ...]

Run a program as plain python would, with `transformers` meaning formers in its process.
"""


def is_pipeline(words: Sequence[str]) -> bool:
    """Tell whether the words after `run` are v3's spelling of `pipeline`: `run --task TASK --input FILE ...`."""
    return words[:1] != [] and words[0].startswith("--") and words[0] != "--help"


def execute(words: Sequence[str]) -> int:
    """Run the program that the words after `run` name.

    Returns:
        0 when it ended by itself, 2 if there is no such program. What it raises goes to the interpreter.
    """
    if not words or words[0] in ("-h", "--help"):
        print(_USAGE, end="", file=sys.stdout if words else sys.stderr)
        return 0 if words else 2
    start = {"-m": run_module, "-c": run_code}.get(words[0])
    if start is None and words[0].startswith("-"):
        print(f"formers run: unknown option {words[0]}\n{_USAGE}", end="", file=sys.stderr)
        return 2
    if start is not None and len(words) < 2:
        print(f"formers run: {words[0]} needs an argument\n{_USAGE}", end="", file=sys.stderr)
        return 2
    found, arguments = (words[0], words[1:]) if start is None else (words[1], words[2:])
    try:
        (start or run_script)(found, arguments)
    except CannotStart as error:
        print(f"formers run: {error}", file=sys.stderr)
        return 2
    return 0
