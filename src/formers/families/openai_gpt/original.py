"""GPT as its authors published it: a long array of all parameters in ten files, their shapes, perhaps their names.

The files are `params_0.npy` ... `params_9.npy` and `params_shapes.json`. `parameters_names.json` came from those who
first read them elsewhere; without it, the order of OpenAI's own code tells the names.
"""
from __future__ import annotations

import json
import math
from itertools import count, takewhile
from pathlib import Path
from typing import Any

import numpy as np

from formers.checkpoint import CheckpointError
from formers.checkpoint.given import GivenTensors
from formers.families.gpt2.names import original

# The positions come before the tokens.
_TABLES = ("positions_embed", "tokens_embed")
_LAYER = (
    "attn/c_attn/w", "attn/c_attn/b", "attn/c_proj/w", "attn/c_proj/b", "ln_1/g", "ln_1/b",
    "mlp/c_fc/w", "mlp/c_fc/b", "mlp/c_proj/w", "mlp/c_proj/b", "ln_2/g", "ln_2/b",
)  # fmt: skip


def open_original(path: Any) -> GivenTensors:
    """Open the folder that GPT was published in.

    Args:
        path: The folder, or anything in it with `.ckpt` in its name.

    Raises:
        CheckpointError: If files are missing or do not fit together.
    """
    folder = Path(path)
    if ".ckpt" in folder.name:
        folder = folder.parent
    shapes = _read_json(folder / "params_shapes.json")
    parts = list(takewhile(Path.is_file, (folder / f"params_{number}.npy" for number in count())))
    if not parts:
        raise CheckpointError(f"{folder} has no params_0.npy: expected the folder that GPT was published in")
    sizes = [math.prod(shape) for shape in shapes]
    flat = np.concatenate([_read_array(part) for part in parts])
    if flat.size != sum(sizes):
        raise CheckpointError(
            f"{folder}: params_0.npy to {parts[-1].name} have {flat.size} values, and params_shapes.json speaks of "
            f"{sum(sizes)}: is a file missing?"
        )
    names = [*_TABLES, *_names(folder, len(shapes) - len(_TABLES))]
    tensors = {}
    for name, array, shape in zip(names, np.split(flat, np.cumsum(sizes)[:-1]), shapes, strict=True):
        variable = original(name)
        array = array.reshape(shape)
        tensors[variable.name] = array[0] if variable.squeezed and shape[0] == 1 else array
    opened = GivenTensors(tensors)
    opened.path = folder
    return opened


def _names(folder: Path, count: int) -> list[str]:
    """Return the names of all parameters but the tables."""
    path = folder / "parameters_names.json"
    if path.is_file():
        # Where the names come from, both tables were one.
        names = [name.removesuffix(":0") for name in _read_json(path)[1:]]
    else:
        names = [f"model/h{layer}/{name}" for layer in range(count // len(_LAYER)) for name in _LAYER]
    if len(names) != count:
        raise CheckpointError(f"{folder} has {count} parameters beside its tables, and names for {len(names)}")
    return names


def _read_json(path: Path) -> list[Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, list):
        raise CheckpointError(f"{path} holds a {type(content).__name__}, and a list was expected")
    return content


def _read_array(path: Path) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False).reshape(-1)
    except (OSError, ValueError, EOFError) as error:
        raise CheckpointError(f"{path} is not a file of numbers that NumPy can read: {error}") from error
