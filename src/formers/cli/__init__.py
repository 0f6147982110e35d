"""The command line: `formers COMMAND ...` or `python -m formers COMMAND ...`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import formers
from formers.cli import run

_COMMANDS = ("run", "pipeline", "download", "env", "convert")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the program's name; by default those of this process.

    Returns:
        The exit status: 0 if all went well, 1 if the work failed (the reason is on standard error), 2 if the
        arguments make no sense. `run` ends as the program it runs does.
    """
    parser = argparse.ArgumentParser(prog="formers", description="The formers library on the command line.")
    parser.add_argument("--version", action="version", version=f"formers {formers.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["run"]:
        if not run.is_pipeline(words[1:]):
            # Everything after the program's name belongs to the program: argparse may not look at it.
            return run.execute(words[1:])
        words[0] = "pipeline"
    if words[:1] and words[0] in _COMMANDS:  # only this one is imported
        command = import_module(f"{__name__}.{words[0]}").add_to(commands)
        # Options may stand between the texts, which a parser with commands cannot read by itself.
        arguments = command.parse_intermixed_args(words[1:])
    else:
        for name in _COMMANDS:
            import_module(f"{__name__}.{name}").add_to(commands)
        arguments = parser.parse_args(words)  # the help, the version, or an error
    try:
        return arguments.execute(arguments)
    except BrokenPipeError:
        # The reader has seen enough (`| head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, ImportError) as error:
        print(f"formers: error: {error}", file=sys.stderr)
        return 1
