from pathlib import Path

import numpy
import pytest
from safetensors.numpy import load_file, save_file

GOLDEN = Path(__file__).parent.parent / "golden" / "checkpoint"


@pytest.fixture(scope="session")
def golden():
    """Folder with files that version 3.0.2 of the original library wrote."""
    return GOLDEN


@pytest.fixture(scope="session")
def bert():
    """Tensors of the recorded BertForPreTraining."""
    return load_file(GOLDEN / "BertForPreTraining" / "model.safetensors")


@pytest.fixture
def small(tmp_path):
    """A small safetensors file."""
    save_file({"a": numpy.arange(12, dtype="float32").reshape(3, 4), "b": numpy.ones(2)}, tmp_path / "x.safetensors")
    return tmp_path / "x.safetensors"
