"""The command line: `formers COMMAND ...` or `python -m formers COMMAND ...`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

import formers
from formers.cli import run

# Command, which is a module here, and what the list of commands says of it.
_COMMANDS = {
    "run": "run a script, module (-m) or string (-c) with `transformers` meaning formers",
    "pipeline": "run a pipeline on texts, or on a file of them",
    "download": "get a model's files into the cache, for use without a network",
    "convert": "write a checkpoint's weights in another format",
    "env": "print the versions to name in a report of a problem",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: The arguments after the program's name; by default those of this process.

    Returns:
        The exit status: 0 if all went well, 1 if the work failed (the reason is on standard error), 2 if the
        arguments make no sense. `run` ends as the program it runs does.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["run"]:
        if not run.is_pipeline(words[1:]):
            # Everything after the program's name belongs to the program: argparse may not look at it.
            return run.execute(words[1:])
        words[0] = "pipeline"
    if not words or words[0] not in _COMMANDS:
        _overview().parse_args(words)  # prints the help, the version or an error, and exits
    parser = argparse.ArgumentParser(prog=f"formers {words[0]}")
    import_module(f"{__name__}.{words[0]}").configure(parser)
    # Options may stand between the texts.
    arguments = parser.parse_intermixed_args(words[1:])
    try:
        return arguments.execute(arguments)
    except BrokenPipeError:
        # The reader has seen enough (`| head`). Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ValueError, ImportError) as error:
        print(f"formers: error: {error}", file=sys.stderr)
        return 1


def _overview() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="formers", description="The formers library on the command line.")
    parser.add_argument("--version", action="version", version=f"formers {formers.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, summary in _COMMANDS.items():
        commands.add_parser(name, help=summary)
    return parser
