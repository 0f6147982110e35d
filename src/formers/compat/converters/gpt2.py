"""`transformers.convert_gpt2_original_tf_checkpoint_to_pytorch`."""

from __future__ import annotations

from formers.auto import MODEL_MAPPING
from formers.compat.converters import Path, original_model, write_folder


def convert_gpt2_checkpoint_to_pytorch(
    gpt2_checkpoint_path: Path, gpt2_config_file: Path, pytorch_dump_folder_path: Path
) -> None:
    """Write a checkpoint of GPT-2's original code as weights and configuration of a `GPT2Model`.

    Args:
        gpt2_checkpoint_path: Path of the checkpoint (`.../model.ckpt`).
        gpt2_config_file: JSON file of its configuration; empty for that of the smallest GPT-2.
        pytorch_dump_folder_path: Folder to write to, made if missing.

    Raises:
        OSError: If a file is missing or damaged.
    """
    model = original_model("gpt2", gpt2_checkpoint_path, gpt2_config_file, MODEL_MAPPING)
    write_folder(model, pytorch_dump_folder_path)
