"""Write a finished model into the package, in half precision."""
import shutil
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

from formers import PreTrainedModel, PreTrainedTokenizer
from formers.checkpoint import open_checkpoint, write_safetensors

FILES = ("config.json", "model.safetensors", "tokenizer_config.json")


def publish(model: PreTrainedModel, tokenizer: PreTrainedTokenizer, work: Path, output: Path) -> None:
    """Save model and tokenizer as a checkpoint folder; each file appears whole or not at all.

    Args:
        model: any model; its weights become float16.
        tokenizer: its tokenizer.
        work: folder for the files while they are made.
        output: the checkpoint folder. Other files in it (the model card) stay.
    """
    making = work / "output"
    model.half().save_pretrained(str(making))
    drop_copies(making / "model.safetensors", f"{model.base_model_prefix}.", model.config.vocab_size)
    tokenizer.save_pretrained(str(making))
    place(making, output, (*FILES, *tokenizer.vocab_files_names.values()))
    print(f"{model.num_parameters():,} weights", flush=True)


def drop_copies(path: Path, base: str, words: int) -> None:
    """Keep one only of tables of `words` rows that are the same, the base model's: loading ties them again."""
    kept: dict[str, Tensor] = {}
    with open_checkpoint(path) as checkpoint:
        for name in sorted(checkpoint.names(), key=lambda name: not name.startswith(base)):
            tensor = checkpoint.tensor(name, passing=True)
            table = tensor.dim() == 2 and len(tensor) == words
            if not table or not any(torch.equal(tensor, other) for other in kept.values()):
                kept[name] = tensor
    write_safetensors(path, kept)


def place(making: Path, output: Path, names: Sequence[str]) -> None:
    """Copy finished files into the package; each appears whole or not at all."""
    output.mkdir(parents=True, exist_ok=True)
    for name in names:
        shutil.copy(making / name, output / f"{name}.part")
        (output / f"{name}.part").replace(output / name)
    size = sum((output / name).stat().st_size for name in names)
    print(f"{size:,} bytes in {output}", flush=True)
