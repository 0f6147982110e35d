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
    """Download a model's files, and print where the weights are."""
    print(fetch(arguments.model, arguments.cache_dir, arguments.force, arguments.revision))
    return 0


def fetch(model: str, cache_dir: str | None = None, force: bool = False, revision: str | None = None) -> str:
    """Get configuration, tokenizer and weights of a model into the cache.

    Args:
        model: Name on the hub.
        cache_dir: Folder of the cache.
        force: Whether to download what the cache has already.
        revision: Branch, tag or commit.

    Returns:
        Path of the weights.

    Raises:
        OSError: If a file cannot be fetched.
    """
    where: dict[str, Any] = {"cache_dir": cache_dir, "force_download": force, "revision": revision}
    config = AutoConfig.from_pretrained(model, **where)
    AutoTokenizer.from_pretrained(model, config=config, **where)
    return weights_file(model, SOURCES, where)
