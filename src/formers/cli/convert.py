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
    open_checkpoint,
    write_safetensors,
    write_torch_bin,
)
from formers.checkpoint.matching import SAFE_FILES, TF_FILES, TORCH_FILES, weights_file
from formers.compat.converters import original_model
from formers.families import families
from formers.files import make_folder, replacing

# Format -> name of its file.
FILES = {"safetensors": SAFE_WEIGHTS_NAME, "bin": WEIGHTS_NAME, "h5": TF2_WEIGHTS_NAME}
SOURCES = (*SAFE_FILES, *TORCH_FILES, *TF_FILES)
_WEIGHT_SUFFIXES = (".safetensors", ".bin", ".h5", ".index.json", ".msgpack", ".onnx", ".ot", ".pt", ".pth", ".gguf")


def configure(parser: argparse.ArgumentParser) -> None:
    """Say what the command's arguments are."""
    parser.description = (
        "Read a checkpoint (safetensors, bin, h5; one file or several) and write its weights in another format. The "
        "other files of a folder (configuration, vocabulary) are copied along. The options after --overwrite are "
        "v3's, for TensorFlow checkpoints as BERT was published in."
    )
    parser.add_argument("source", nargs="?", metavar="SRC", help="folder, file of weights, or name on the hub")
    parser.add_argument("target", nargs="?", metavar="DST", help="folder to write to, made if missing")
    parser.add_argument("--to", choices=tuple(FILES), help="format to write")
    parser.add_argument("--overwrite", action="store_true", help="replace weights that are there already")
    parser.add_argument("--model_type", help="family of the TensorFlow checkpoint, such as bert")
    parser.add_argument("--tf_checkpoint", help="the TensorFlow checkpoint (.../bert_model.ckpt)")
    parser.add_argument("--config", help="its configuration (.../bert_config.json)")
    parser.add_argument("--pytorch_dump_output", help="file to write, for torch.load")
    parser.set_defaults(execute=execute, error=parser.error)


def execute(arguments: argparse.Namespace) -> int:
    """Convert, and print what was written."""
    old = (arguments.model_type, arguments.tf_checkpoint, arguments.config, arguments.pytorch_dump_output)
    new = (arguments.source, arguments.target, arguments.to)
    if any(old) and all(old) and not any(new):
        path = convert_original(*old, overwrite=arguments.overwrite)
    elif all(new) and not any(old):
        path = convert(*new, overwrite=arguments.overwrite)
    else:
        arguments.error(
            "give SRC DST --to FORMAT, or all of --model_type --tf_checkpoint --config --pytorch_dump_output"
        )
    print(path)
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
    found = Path(weights_file(source, SOURCES, {}))
    path = Path(target) / FILES[to]
    _may_write(path, overwrite)
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


def convert_original(model_type: str, checkpoint: str, config: str, output: str, overwrite: bool = False) -> Path:
    """Write a checkpoint, as the authors of a model published it, for `torch.load`.

    Args:
        model_type: Its family, such as `"bert"`.
        checkpoint: Path of the TensorFlow checkpoint without `.index`; of the folder, for GPT.
        config: The JSON file of its configuration.
        output: File to write: the weights of the family's pretraining class.
        overwrite: Whether it may be there already.

    Returns:
        The file.

    Raises:
        OSError: If a file is missing, damaged, or may not be replaced.
        ValueError: If the family is unknown, or none of its authors' checkpoints can be read.
    """
    path = Path(output)
    _may_write(path, overwrite)
    write_torch_bin(path, original_model(model_type, checkpoint, config).state_dict())
    return path


def _may_write(path: Path, overwrite: bool) -> None:
    if path.exists() and not overwrite:
        raise OSError(f"{path} is there already: name another folder, or add --overwrite")


def _model_class(folder: Path) -> Any:
    """Return the class that a configuration says its weights are for, among those of its family."""
    config = AutoConfig.from_pretrained(folder)
    known = set(families()[config.model_type].classes.values())
    for name in (name.removeprefix("TF") for name in config.architectures or ()):
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
