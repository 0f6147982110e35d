"""Writing a Keras model under the hub's names."""
import os
from typing import Any

import numpy as np

from formers.checkpoint import write_keras_h5, write_safetensors
from formers.checkpoint.written import default_format, warn_of_other_weights
from formers.files import make_folder

from .weights import named_weights

FORMATS = {"safetensors": "model.safetensors", "h5": "tf_model.h5"}


def save_pretrained(model: Any, folder: Any, format: str | None = None) -> None:
    """See `TFPreTrainedModel.save_pretrained`.

    Raises:
        ValueError: the format is unknown.
    """
    format = format or default_format("h5")
    if format not in FORMATS:
        raise ValueError(f"format is {format!r}; expected one of {', '.join(FORMATS)}")
    target = make_folder(folder)
    path = os.path.join(target, FORMATS[format])
    if format == "safetensors":
        write_safetensors(path, tensors(model))
    else:
        write_h5(model, path)
    warn_of_other_weights(target, FORMATS[format])
    model.config.architectures = [type(model).__name__.removeprefix("TF")]  # type: ignore[attr-defined]
    model.config.save_pretrained(target)


def tensors(model: Any) -> dict[str, np.ndarray]:
    """Return the weights by the hub's names, in the layout of PyTorch's files; tied ones are the same array."""
    arrays: dict[tuple[int, bool], np.ndarray] = {}
    found = {}
    for name, weight in named_weights(model).items():
        place = (id(weight.variable), weight.transposed)
        if place not in arrays:
            arrays[place] = weight.numpy()
        found[name] = arrays[place]
    return found


def write_h5(model: Any, path: Any, overwrite: bool = True) -> None:
    """Write the documented `tf_model.h5`.

    Raises:
        FileExistsError: the file is there and must not be replaced.
    """
    if not overwrite and os.path.exists(path):
        raise FileExistsError(f"{os.fspath(path)} is there already: pass overwrite=True, or another name")
    prefix = f"{model.family.prefix}." if model.is_base and model.family.prefix else ""
    write_keras_h5(path, type(model).__name__, tensors(model), model.family.keras_layout, prefix)


def is_hub_h5(path: Any) -> bool:
    """Whether a name is that of a weights file in the documented layout, not in Keras 3's own."""
    name = os.fspath(path)
    return name.endswith((".h5", ".hdf5")) and not name.endswith(".weights.h5")
