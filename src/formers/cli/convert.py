"""`formers convert`: the weights of a checkpoint in another file format."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

import formers
from formers.auto import AutoConfig
from formers.checkpoint import (
    SAFE_WEIGHTS_NAME,
    TF2_WEIGHTS_NAME,
    WEIGHTS_NAME,
    fetch_shards,
    open_checkpoint,
    write_safetensors,
    write_torch_bin,
)
from formers.families import families
from formers.files import make_folder, replacing
from formers.hub import find_file

# Format -> name of its file.
FILES = {"safetensors": SAFE_WEIGHTS_NAME, "bin": WEIGHTS_NAME, "h5": TF2_WEIGHTS_NAME}
_SOURCES = (
    SAFE_WEIGHTS_NAME,
    f"{SAFE_WEIGHTS_NAME}.index.json",
    WEIGHTS_NAME,
    f"{WEIGHTS_NAME}.index.json",
    TF2_WEIGHTS_NAME,
)
_WEIGHT_SUFFIXES = (".safetensors", ".bin", ".h5", ".index.json", ".msgpack", ".onnx", ".ot", ".pt", ".pth", ".gguf")


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "convert",
        help="write a checkpoint's weights in another format",
        description="Read a checkpoint (safetensors, bin or h5; one file or several) and write its weights in "
        "another format. The other files of a folder (configuration, vocabulary) are copied along.",
    )
    parser.add_argument("source", metavar="SRC", help="folder, file of weights, or name on the hub")
    parser.add_argument("target", metavar="DST", help="folder to write to, made if missing")
    parser.add_argument("--to", required=True, choices=tuple(FILES), help="format to write")
    parser.add_argument("--overwrite", action="store_true", help="replace weights that are there already")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Convert, and print what was written."""
    print(convert(arguments.source, arguments.target, arguments.to, arguments.overwrite))
    return 0


def convert(source: str, target: str, to: str, overwrite: bool = False) -> Path:
    """Write the weights of a checkpoint in another format.

    Args:
        source: A folder with weights, a file of weights (beside its `config.json`, for `"h5"`), or the name of a
            model on the hub.
        target: Folder to write to.
        to: `"safetensors"`, `"bin"` or `"h5"`.
        overwrite: Whether a file of weights that is there already may be replaced.

    Returns:
        The file of weights.

    Raises:
        OSError: If there are no weights to read, they are damaged, or the target is there and may not be replaced.
        ValueError: If the configuration does not tell which TensorFlow class an h5 file is for.
    """
    found = weights_of(source)
    path = Path(target) / FILES[to]
    if path.exists() and not overwrite:
        raise OSError(f"{path} is there already: name another folder, or add --overwrite")
    if to == "h5":
        # Its layout depends on the class that the weights are for.
        model = _model_class(found.parent).from_pretrained(str(found), config=str(found.parent))
        model.save_pretrained(make_folder(target), format="h5")
    else:
        write = write_safetensors if to == "safetensors" else write_torch_bin
        with open_checkpoint(found) as checkpoint:
            tensors = {name: checkpoint.tensor(name) for name in checkpoint.names()}
            make_folder(target)
            write(path, tensors)
    if not os.path.isfile(source):
        _copy_the_rest(found.parent, path.parent)
    return path


def weights_of(source: str, **hub: Any) -> Path:
    """The weights of a model, from a folder, a file, or the hub; sharded ones by their index.

    Args:
        source: Folder, file, or name on the hub.
        **hub: As in `formers.hub.cached_file`.

    Raises:
        OSError: If there are none.
    """
    found = source if os.path.isfile(source) else find_file(source, _SOURCES, **hub)
    if found is None:
        raise OSError(f"{source} has no weights: expected one of {', '.join(_SOURCES)}")
    if found.endswith(".index.json"):
        fetch_shards(source, found, **hub)
    return Path(found)


def _model_class(folder: Path) -> Any:
    """The class that a configuration says its weights are for, among those of its family."""
    config = AutoConfig.from_pretrained(folder)
    known = set(families()[config.model_type].classes.values())
    named = [name.removeprefix("TF") for name in config.architectures or ()]
    for name in named:
        if name in known:
            return getattr(formers, name)
    raise ValueError(
        f"{folder / formers.CONFIG_NAME}: 'architectures' is {config.architectures}, and an h5 file needs one of "
        f"{', '.join(sorted(known))}"
    )


def _copy_the_rest(source: Path, target: Path) -> None:
    """Copy what a folder holds besides weights (configuration, vocabulary, model card) and the target lacks."""
    for file in sorted(source.iterdir()):
        copy = target / file.name
        if file.is_file() and file.name[0] != "." and not file.name.endswith(_WEIGHT_SUFFIXES) and not copy.exists():
            with replacing(copy) as temporary:
                shutil.copyfile(file, temporary)
