"""Writing a model to a folder, under the hub's names."""
import os
from typing import Any

from formers.checkpoint import write_keras_h5, write_safetensors, write_torch_bin
from formers.checkpoint.written import default_format, warn_of_other_weights
from formers.files import make_folder

FORMATS = {"safetensors": "model.safetensors", "bin": "pytorch_model.bin", "h5": "tf_model.h5"}


def save_pretrained(
    model: Any, folder: Any, format: str | None = None, safe_serialization: bool | None = None
) -> None:
    """See `PreTrainedModel.save_pretrained`.

    Raises:
        ValueError: the format is unknown.
    """
    if format is None:
        format = default_format("bin") if safe_serialization is None else "safetensors" if safe_serialization else "bin"
    if format not in FORMATS:
        raise ValueError(f"format is {format!r}; expected one of {', '.join(FORMATS)}")
    target = make_folder(folder)
    path = os.path.join(target, FORMATS[format])
    tensors = {name: tensor.detach().contiguous() for name, tensor in model.state_dict().items()}
    if format != "bin":  # the documented file has the whole state dict; others what is needed to compute
        weights = {name for name, _ in model.named_parameters(remove_duplicate=False)}
        ignored = [name for name in tensors if name not in weights and model.names.is_ignored(name)]
        for name in ignored:
            del tensors[name]
    if format == "safetensors":
        write_safetensors(path, tensors, {"format": "pt"})
    elif format == "bin":
        write_torch_bin(path, tensors)
    else:
        prefix = f"{model.base_model_prefix}." if model.is_base and model.nested_base else ""
        write_keras_h5(path, f"TF{type(model).__name__}", tensors, model.keras_layout, prefix)
    warn_of_other_weights(target, FORMATS[format])
    model.config.architectures = [type(model).__name__]
    model.config.save_pretrained(target)
