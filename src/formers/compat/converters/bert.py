"""`transformers.convert_bert_original_tf_checkpoint_to_pytorch`."""

from __future__ import annotations

from formers.checkpoint import write_torch_bin
from formers.compat.converters import Path, original_model


def convert_tf_checkpoint_to_pytorch(tf_checkpoint_path: Path, bert_config_file: Path, pytorch_dump_path: Path) -> None:
    """Write a checkpoint of BERT's original code for `torch.load`.

    Args:
        tf_checkpoint_path: Path of the checkpoint (`.../bert_model.ckpt`).
        bert_config_file: Its configuration (`.../bert_config.json`).
        pytorch_dump_path: File to write: the state dict of a `BertForPreTraining`.

    Raises:
        OSError: If a file is missing or damaged.
    """
    write_torch_bin(pytorch_dump_path, original_model("bert", tf_checkpoint_path, bert_config_file).state_dict())
