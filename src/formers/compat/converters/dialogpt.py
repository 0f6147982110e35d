"""`transformers.convert_dialogpt_original_pytorch_checkpoint_to_pytorch`."""

from __future__ import annotations

from formers.checkpoint import WEIGHTS_NAME, open_checkpoint, write_torch_bin
from formers.compat.converters import Path
from formers.files import make_folder

DIALOGPT_MODELS = ["small", "medium", "large"]
OLD_KEY = "lm_head.decoder.weight"
NEW_KEY = "lm_head.weight"


def convert_dialogpt_checkpoint(checkpoint_path: Path, pytorch_dump_folder_path: Path) -> None:
    """Write a checkpoint of DialoGPT as weights of a `GPT2LMHeadModel`.

    Args:
        checkpoint_path: The published file (`small_ft.pkl`), a state dict.
        pytorch_dump_folder_path: Folder to write `pytorch_model.bin` to, made if missing.

    Raises:
        OSError: If the file is missing or damaged, or has no head over the vocabulary.
    """
    with open_checkpoint(checkpoint_path) as checkpoint:
        tensors = {name: checkpoint.tensor(name) for name in checkpoint.names()}
    if OLD_KEY not in tensors:
        raise OSError(f"{checkpoint_path} has no tensor {OLD_KEY!r}, which a checkpoint of DialoGPT has")
    tensors[NEW_KEY] = tensors.pop(OLD_KEY)
    write_torch_bin(make_folder(pytorch_dump_folder_path) / WEIGHTS_NAME, tensors)
