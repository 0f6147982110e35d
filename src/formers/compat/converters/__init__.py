"""The documented `convert_*` modules: checkpoints from one form to another, one module each.

Here is what they share: the model of a checkpoint as the authors of a family published it.
"""

from __future__ import annotations

import os
from typing import Any

from formers.auto import CONFIG_MAPPING, MODEL_FOR_PRETRAINING_MAPPING, AutoTable
from formers.checkpoint import WEIGHTS_NAME, write_torch_bin
from formers.configuration import CONFIG_NAME
from formers.files import make_folder

Path = str | os.PathLike[str]


def original_model(
    model_type: str,
    checkpoint: Path,
    config_file: Path = "",
    classes: AutoTable[Any, Any] = MODEL_FOR_PRETRAINING_MAPPING,
) -> Any:
    """Load a checkpoint of a family's original code.

    Args:
        model_type: The family, such as `"bert"`.
        checkpoint: Path of the TensorFlow checkpoint without `.index`; of the folder, for GPT.
        config_file: JSON file of the configuration; the family's default if empty.
        classes: Class of a configuration -> class of the model that is wanted.

    Returns:
        The PyTorch model.

    Raises:
        OSError: If a file is missing or damaged.
        ValueError: If the family is unknown, or none of its authors' checkpoints can be read.
    """
    if model_type not in CONFIG_MAPPING:
        raise ValueError(f"unknown model type {model_type!r}. Known model types: {', '.join(CONFIG_MAPPING)}")
    config_class = CONFIG_MAPPING[model_type]
    model_class: Any = classes.get(config_class)
    if getattr(model_class, "load_tf_weights", None) is None:
        raise ValueError(f"no TensorFlow checkpoints of the model type {model_type!r} can be read")
    config = config_class.from_json_file(config_file) if config_file else config_class()
    return model_class.load_tf_weights(model_class(config), config, os.fspath(checkpoint))


def write_folder(model: Any, folder: Path) -> None:
    """Write a model's weights and configuration as old code looks for them: `pytorch_model.bin`, `config.json`."""
    target = make_folder(folder)
    write_torch_bin(target / WEIGHTS_NAME, model.state_dict())
    model.config.to_json_file(target / CONFIG_NAME)
