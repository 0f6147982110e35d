"""`transformers.convert_t5_original_tf_checkpoint_to_pytorch`."""

from __future__ import annotations

from formers.checkpoint import write_torch_bin
from formers.compat.converters import Path, original_model


def convert_tf_checkpoint_to_pytorch(tf_checkpoint_path: Path, config_file: Path, pytorch_dump_path: Path) -> None:
    """Write a checkpoint of T5's original code for `torch.load`.

    Args:
        tf_checkpoint_path: Path of the checkpoint (`.../model.ckpt-1000000`).
        config_file: JSON file of its configuration.
        pytorch_dump_path: File to write: the state dict of a `T5ForConditionalGeneration`.

    Raises:
        OSError: If a file is missing or damaged.
    """
    write_torch_bin(pytorch_dump_path, original_model("t5", tf_checkpoint_path, config_file).state_dict())
