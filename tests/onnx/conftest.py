"""Tiny checkpoints, written without a framework."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file
from tests import tiny
from tests.golden_data import Recorded

from formers.checkpoint import open_checkpoint


@pytest.fixture
def tensors():
    """The tensors of a recorded model, in memory."""

    def read(name):
        with open_checkpoint(Recorded(name).path / "model.safetensors") as checkpoint:
            return {key: np.array(checkpoint.tensor(key, "numpy")) for key in checkpoint.names()}

    return read


@pytest.fixture
def write(tmp_path):
    """Write a checkpoint of a recorded model's configuration."""

    def make(name, values, folder="model", **changes):
        path = tmp_path / folder
        path.mkdir(exist_ok=True)
        config = {**tiny.config(name).to_dict(), **changes}
        (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
        save_file(values, path / "model.safetensors", {"format": "pt"})
        return path

    return make
