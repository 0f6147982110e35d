"""`transformers.convert_pytorch_checkpoint_to_tf2`."""

from __future__ import annotations

from typing import Any

import formers
from formers import auto
from formers.auto import CONFIG_MAPPING
from formers.compat.converters import Path
from formers.compat.file_utils import DUMMY_INPUTS

# Model type of the documented table -> that of the family, and which of its classes the weights are for.
_FINE_TUNED = {
    "bert-large-uncased-whole-word-masking-finetuned-squad": ("bert", "QUESTION_ANSWERING"),
    "bert-large-cased-whole-word-masking-finetuned-squad": ("bert", "QUESTION_ANSWERING"),
    "bert-base-cased-finetuned-mrpc": ("bert", "SEQUENCE_CLASSIFICATION"),
    "distilbert-base-distilled-squad": ("distilbert", "QUESTION_ANSWERING"),
    "roberta-large-mnli": ("roberta", "SEQUENCE_CLASSIFICATION"),
}


def convert_pt_checkpoint_to_tf(
    model_type: str,
    pytorch_checkpoint_path: Path,
    config_file: Path,
    tf_dump_path: Path,
    compare_with_pt_model: bool = False,
    use_cached_models: bool = True,
) -> None:
    """Write a PyTorch checkpoint as a `tf_model.h5`.

    Args:
        model_type: Key of `MODEL_CLASSES`, such as `"bert"`.
        pytorch_checkpoint_path: File of the weights.
        config_file: JSON file of the configuration.
        tf_dump_path: File to write, ending in `.h5`.
        compare_with_pt_model: Whether to run both models and compare their outputs.
        use_cached_models: Accepted for old code: only files are read.

    Raises:
        ValueError: If the model type is unknown, or the outputs differ.
        OSError: If a file is missing or damaged.
    """
    del use_cached_models
    classes = _classes()
    if model_type not in classes:
        raise ValueError(f"unknown model type {model_type!r}, expected one of {', '.join(classes)}")
    config_class, tf_class, pt_class, _ = classes[model_type]
    config = config_class.from_json_file(config_file)
    config.output_hidden_states = True
    config.output_attentions = True
    tf_model = formers.load_pytorch_checkpoint_in_tf2_model(
        tf_class(config), pytorch_checkpoint_path, allow_missing_keys=True
    )
    if compare_with_pt_model:
        pt_model = pt_class.from_pretrained(None, config=config, state_dict=_state_dict(pytorch_checkpoint_path))
        difference = _largest_difference(tf_model, pt_model)
        if not difference <= 2e-2:
            raise ValueError(f"the first output of the two models differs by {difference}, more than 0.02")
    tf_model.save_weights(tf_dump_path)


def _state_dict(path: Path) -> dict[str, Any]:
    from formers.checkpoint import open_checkpoint

    with open_checkpoint(path) as checkpoint:
        return {name: checkpoint.tensor(name) for name in checkpoint.names()}


def _largest_difference(tf_model: Any, pt_model: Any) -> float:
    """Return the largest difference between the first outputs of two models."""
    import numpy as np
    import torch

    inputs = {"input_ids": DUMMY_INPUTS}
    if tf_model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = DUMMY_INPUTS
    tf_output = tf_model({name: np.asarray(ids) for name, ids in inputs.items()}, training=False)[0]
    with torch.no_grad():
        pt_output = pt_model.eval()(**{name: torch.tensor(ids) for name, ids in inputs.items()})[0]
    return float(np.abs(np.asarray(tf_output) - pt_output.numpy()).max())


def _classes() -> dict[str, tuple[Any, Any, Any, Any]]:
    """Make the documented table: model type -> configuration, both model classes, published configurations."""
    table: dict[str, tuple[Any, Any, Any, Any]] = {}
    for name, (family, kind) in ({name: (name, "PRETRAINING") for name in CONFIG_MAPPING} | _FINE_TUNED).items():
        config_class = CONFIG_MAPPING.get(family)
        torch_classes = getattr(auto, f"MODEL_FOR_{kind}_MAPPING")
        tf_classes = getattr(auto, f"TF_MODEL_FOR_{kind}_MAPPING")
        if config_class not in torch_classes or config_class not in tf_classes:
            continue
        archive = f"{family.upper().replace('-', '_')}_PRETRAINED_CONFIG_ARCHIVE_MAP"
        published = getattr(formers, archive) if archive in dir(formers) else {}
        table[name] = (config_class, tf_classes[config_class], torch_classes[config_class], published)
    return table


def __getattr__(name: str) -> Any:
    if name == "MODEL_CLASSES":  # the classes of both frameworks are loaded for it
        return _classes()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
