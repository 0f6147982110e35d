"""Writing a Keras model under the hub's names."""
import os
from typing import Any

import keras
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
    model.config.architectures = [type(model).__name__.removeprefix("TF")]
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


def check_model_file(owner: str, path: Any, save_format: Any = None) -> None:
    """Raise if a whole model cannot be saved under a name, before anything is written.

    Args:
        owner: name of the model's class.
        path: where `save` is to write.
        save_format: the format that the caller asks for.

    Raises:
        NotImplementedError: the name is not that of a `.keras` file.
    """
    name = os.fspath(path)
    if name.endswith(".keras") and save_format in (None, "keras"):
        return
    asked = "" if save_format is None else f" with save_format={save_format!r}"
    raise NotImplementedError(
        f"{owner} cannot be saved as {name!r}{asked}: Keras 3 writes models that are not functional to .keras files. "
        "Expected model.save('NAME.keras') for the whole model, model.save_pretrained(FOLDER) for from_pretrained, "
        "model.save_weights('NAME.weights.h5') for the weights, model.export(FOLDER) for a SavedModel"
    )


def check_weights_file(path: Any, formats: tuple[str, ...], save_format: Any = None) -> None:
    """Raise if weights are not written to, or read from, files of a name.

    Args:
        path: the name.
        formats: endings of names that are.
        save_format: the format that the caller asks for.

    Raises:
        ValueError: it does not end so, or the format is that of TensorFlow's checkpoints.
    """
    name = os.fspath(path)
    if name.endswith(formats) and save_format in (None, "h5", "keras"):
        return
    asked = "" if save_format is None else f" with save_format={save_format!r}"
    raise ValueError(
        f"{name!r}{asked} is no name of a file of weights: Keras 3 has no checkpoints of TensorFlow. Expected "
        f"a name that ends in {' or '.join(formats)}, as '{name}.weights.h5'; or use save_pretrained(FOLDER) and "
        "from_pretrained(FOLDER), or tf.train.Checkpoint(model=model)"
    )


def example_inputs(model: Any) -> dict[str, keras.KerasTensor]:
    """Return inputs of all sizes that a model is exported for: its dummy inputs, and masks."""
    ranks = {name: len(value.shape) for name, value in model.dummy_inputs.items()}
    if "attention_mask" in model.names:
        ranks.setdefault("attention_mask", ranks["input_ids"])
    return {name: keras.KerasTensor((None,) * rank, dtype="int32", name=name) for name, rank in ranks.items()}


def is_hub_h5(path: Any) -> bool:
    """Whether a name is that of a weights file in the documented layout, not in Keras 3's own."""
    name = os.fspath(path)
    return name.endswith((".h5", ".hdf5")) and not name.endswith(".weights.h5")
