"""Matrices stored in eight bits are read as what they stand for, in every format and by models."""
import numpy
import pytest
import torch
from safetensors.torch import save_file

from formers import BertConfig, BertModel
from formers.checkpoint import CheckpointError, open_checkpoint
from formers.checkpoint.eight_bit import EightBitCheckpoint

MATRIX = torch.tensor([[-127, 0, 64], [1, 2, 127]], dtype=torch.int8)
SCALES = torch.tensor([2.54, 127.0])
MEANT = torch.tensor([[-2.54, 0.0, 1.28], [1.0, 2.0, 127.0]])
TENSORS = {
    "layer.weight": MATRIX,
    "layer.SCB": SCALES,
    "layer.weight_format": torch.tensor(0, dtype=torch.uint8),
    "norm.weight": torch.tensor([1.0, 3.0], dtype=torch.float16),
}


@pytest.fixture(params=["model.safetensors", "pytorch_model.bin"])
def file(request, tmp_path):
    path = tmp_path / request.param
    save_file(TENSORS, path) if path.suffix == ".safetensors" else torch.save(TENSORS, path)
    return path


@pytest.mark.parametrize("framework", ["torch", "numpy"])
@pytest.mark.parametrize("passing", [False, True])
def test_a_matrix_is_its_numbers_times_its_scales(file, framework, passing):
    with open_checkpoint(file) as checkpoint:
        assert sorted(checkpoint.names()) == ["layer.weight", "norm.weight"]
        assert checkpoint.shape("layer.weight") == (2, 3)
        matrix = checkpoint.tensor("layer.weight", framework, passing)
        norm = checkpoint.tensor("norm.weight", framework, passing)
    assert isinstance(matrix, torch.Tensor if framework == "torch" else numpy.ndarray)
    assert str(matrix.dtype).endswith("float32") and str(norm.dtype).endswith("float16")
    assert numpy.allclose(numpy.asarray(matrix), MEANT, rtol=1e-6, atol=0)
    assert numpy.array_equal(numpy.asarray(norm), [1.0, 3.0])


def test_int8_without_scales_stays_int8(tmp_path):
    save_file({"layer.weight": MATRIX}, tmp_path / "model.safetensors")
    with open_checkpoint(tmp_path / "model.safetensors") as checkpoint:
        assert not isinstance(checkpoint, EightBitCheckpoint)
        assert torch.equal(checkpoint.tensor("layer.weight"), MATRIX)


@pytest.mark.parametrize(
    "change, message",
    [
        ({"layer.weight": None}, "'layer.SCB'.*not their matrix 'layer.weight'"),
        ({"layer.weight_format": torch.tensor(2, dtype=torch.uint8)}, "'layer.weight_format' is 2.*expected 0"),
        ({"layer.SCB": torch.ones(3)}, r"shape \(2, 3\), 'layer.SCB' has shape \(3,\).*one scale a row"),
        ({"layer.weight": MATRIX.float()}, "'layer.weight' is torch.float32.*expected int8"),
    ],
)
def test_what_does_not_fit_is_refused(change, message, tmp_path):
    tensors = {name: value for name, value in (TENSORS | change).items() if value is not None}
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=message), open_checkpoint(tmp_path / "model.safetensors") as checkpoint:
        checkpoint.tensor("layer.weight")


def test_a_model_loads_from_it_without_a_missing_or_unexpected_weight(tmp_path):
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=20, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16,
        max_position_embeddings=8,
    )  # fmt: skip
    model = BertModel(config).eval()
    model.save_pretrained(str(tmp_path))
    with open_checkpoint(tmp_path / "model.safetensors") as checkpoint:
        plain = {name: checkpoint.tensor(name).clone() for name in checkpoint}
    stored = {}
    for name, tensor in plain.items():
        if name.endswith("query.weight") or name.endswith("intermediate.dense.weight"):
            greatest = tensor.abs().amax(1)
            stored[name] = (tensor / greatest[:, None] * 127).round().to(torch.int8)
            stored[name.removesuffix("weight") + "SCB"] = greatest
        else:
            stored[name] = tensor
    save_file(stored, tmp_path / "model.safetensors")
    loaded, info = BertModel.from_pretrained(str(tmp_path), output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    ids = torch.arange(6)[None]
    difference = (loaded(ids)[0] - model(ids)[0]).abs().max()
    assert 0 < difference < 0.01
