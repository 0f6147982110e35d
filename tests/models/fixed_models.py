"""Small models, written to folders, whose weights tests give another form while they are loaded."""

from pathlib import Path
from typing import Any

import torch
from tests import tiny

import formers

# One class that scores the vocabulary for each family.
NAMES = tiny.language_models()
WRITERS = tiny.writers()
IDS = torch.from_numpy(tiny.ids(2, 9, seed=1)).long()


def write(name: str, target: Path) -> Path:
    """Write the small model of a class below a folder; its own folder has the name of the class."""
    tiny.make(name, std=None).save_pretrained(target / name)
    return target / name


def load(folder: Path, **options: Any) -> Any:
    return getattr(formers, folder.name).from_pretrained(folder, **options)


def scores(model: Any) -> torch.Tensor:
    paired = {"decoder_input_ids": IDS} if model.config.is_encoder_decoder else {}
    with torch.no_grad():
        return model(IDS, **paired)[0]
