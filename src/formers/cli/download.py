"""`formers download`: a model's files into the cache."""

from __future__ import annotations

import argparse
from typing import Any

from formers.auto import AutoConfig, AutoTokenizer
from formers.checkpoint.matching import weights_file
from formers.cli.convert import SOURCES


def configure(parser: argparse.ArgumentParser) -> None:
    """Say what the command's arguments are."""
    parser.add_argument("model", help="name on the hub")
    parser.add_argument("--cache-dir", help="folder to keep the files in")
    parser.add_argument("--force", action="store_true", help="download again what is there already")
    parser.add_argument("--revision", help="branch, tag or commit")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Download configuration, tokenizer and weights, and print where the weights are."""
    where: dict[str, Any] = {
        "cache_dir": arguments.cache_dir,
        "force_download": arguments.force,
        "revision": arguments.revision,
    }
    config = AutoConfig.from_pretrained(arguments.model, **where)
    AutoTokenizer.from_pretrained(arguments.model, config=config, **where)
    print(weights_file(arguments.model, SOURCES, where))
    return 0
