"""`transformers.convert_bert_pytorch_checkpoint_to_original_tf`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from formers.frameworks import require

# Linear layers whose weight the original code keeps as a kernel, the transpose.
_KERNEL = re.compile(r"(query|key|value|dense)\.weight")


def convert_pytorch_checkpoint_to_tf(model: Any, ckpt_dir: str, model_name: str) -> None:
    """Write a PyTorch BERT as a checkpoint for BERT's original code.

    Args:
        model: A `BertModel`.
        ckpt_dir: Folder to write to, made if missing.
        model_name: Name of the model; the checkpoint is called so, with `_` for `-` and the ending `.ckpt`.

    Raises:
        ImportError: If TensorFlow is not installed.
    """
    require("tensorflow")
    import tensorflow as tf

    variables = {}
    for name, tensor in model.state_dict().items():
        if name.endswith("position_ids"):  # not among the original's variables
            continue
        array = tensor.detach().cpu().numpy()
        variables[_original_name(name)] = array.T.copy() if _KERNEL.search(name) else array
    target = Path(ckpt_dir)
    target.mkdir(parents=True, exist_ok=True)
    tf.raw_ops.SaveV2(
        prefix=str(target / f"{model_name.replace('-', '_')}.ckpt"),
        tensor_names=list(variables),
        shape_and_slices=[""] * len(variables),
        tensors=list(variables.values()),
    )


def _original_name(name: str) -> str:
    """Return the original name, such as `bert/encoder/layer_0/output/dense/kernel`, of a weight."""
    if _KERNEL.search(name):
        name = name.removesuffix("weight") + "kernel"
    name = re.sub(r"layer\.(\d+)", r"layer_\1", name)
    name = re.sub(r"_embeddings\.weight$", "_embeddings", name)
    name = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    return "bert/" + name.replace(".", "/")
