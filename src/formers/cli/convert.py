"""`formers convert`: the weights of a checkpoint in another file format."""

from __future__ import annotations

import argparse
import os
import shutil
from pathlib import Path
from typing import Any

from formers.checkpoint import Framework, open_checkpoint, write_keras_h5, write_safetensors, write_torch_bin
from formers.files import make_folder, replacing
from formers.hub import find_file

# Format -> name of its file.
FILES = {"safetensors": "model.safetensors", "bin": "pytorch_model.bin", "h5": "tf_model.h5"}
SOURCES = (
    FILES["safetensors"],
    "model.safetensors.index.json",
    FILES["bin"],
    "pytorch_model.bin.index.json",
    FILES["h5"],
)
_WEIGHT_SUFFIXES = (".safetensors", ".bin", ".h5", ".index.json", ".msgpack", ".onnx", ".ot", ".pt", ".pth", ".gguf")


def add_to(commands: Any) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "convert",
        help="write a checkpoint's weights in another format",
        description="Read a checkpoint (safetensors, bin or h5; one file or several) and write its weights in "
        "another format. The other small files of a folder (configuration, vocabulary) are copied along.",
    )
    parser.add_argument("source", metavar="SRC", help="folder, file of weights, or name on the hub")
    parser.add_argument("target", metavar="DST", help="folder to write to, made if missing")
    parser.add_argument("--to", required=True, choices=tuple(FILES), help="format to write")
    parser.add_argument("--overwrite", action="store_true", help="replace weights that are there already")
    parser.set_defaults(execute=execute)


def execute(arguments: argparse.Namespace) -> int:
    """Convert, and print what was written."""
    path = convert(arguments.source, arguments.target, arguments.to, arguments.overwrite)
    print(path)
    return 0


def convert(source: str, target: str, to: str, overwrite: bool = False) -> Path:
    """Write the weights of a checkpoint in another format.

    Args:
        source: A folder with weights, a file of weights, or the name of a model on the hub.
        target: Folder to write to.
        to: `"safetensors"`, `"bin"` or `"h5"`.
        overwrite: Whether a file of weights that is there already may be replaced.

    Returns:
        The file of weights.

    Raises:
        OSError: If there are no weights to read, they are damaged, or the target is there and may not be replaced.
    """
    found = source if os.path.isfile(source) else find_file(source, SOURCES)
    if found is None:
        raise OSError(f"{source} has no weights: none of {', '.join(SOURCES)}")
    path = make_folder(target) / FILES[to]
    if path.exists() and not overwrite:
        raise OSError(f"{path} is there already: name another folder, or add --overwrite")
    folder = Path(found).parent
    if not os.path.isfile(source) and folder.resolve() != path.parent.resolve():
        _copy_the_rest(folder, path.parent)
    framework: Framework = "torch" if to == "bin" else "numpy"
    with open_checkpoint(found) as checkpoint:
        tensors = {name: checkpoint.tensor(name, framework) for name in checkpoint.names()}
        if to == "safetensors":
            write_safetensors(path, tensors, {"format": "pt"})
        elif to == "bin":
            write_torch_bin(path, tensors)
        else:
            write_keras_h5(path, tensors)
    return path


def _copy_the_rest(source: Path, target: Path) -> None:
    """Copy what a folder holds besides weights: configuration, vocabulary, model card."""
    for file in sorted(source.iterdir()):
        if file.is_file() and not file.name.startswith(".") and not file.name.endswith(_WEIGHT_SUFFIXES):
            with replacing(target / file.name) as temporary:
                shutil.copyfile(file, temporary)
