"""Weights in eight bits: what they cost, what stays as it was, what is refused."""

from pathlib import Path

import pytest
import torch
from tests.models.fixed_models import NAMES, load, scores, write

import formers
from formers.backends.torch.storage import quantized
from formers.backends.torch.storage.fixed import FixedWeight
from formers.backends.torch.storage.quantized import Int8Embedding, Int8Linear

pytestmark = pytest.mark.skipif(
    quantized.ENGINE not in torch.backends.quantized.supported_engines, reason="PyTorch has these products on x86"
)

@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write(request.param, tmp_path)


def test_every_product_has_eight_bits(folder: Path) -> None:
    model = load(folder, quantize="int8")
    assert not [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    assert isinstance(model.get_input_embeddings(), Int8Embedding)
    assert isinstance(model.get_output_embeddings(), FixedWeight)
    assert not model.training and model.dtype == torch.float32


def test_scores(folder: Path) -> None:
    exact, rounded = scores(load(folder)), scores(load(folder, quantize="int8"))
    assert exact.shape == rounded.shape
    change = (exact - rounded).square().mean().sqrt() / exact.std()
    assert 0 < change < 0.05


def test_only_weights_are_rounded(folder: Path) -> None:
    """The rounded weights in float32 give the same but for what the inputs' rounding adds: far less."""
    model = load(folder, quantize="int8")
    same = load(folder)
    same.load_state_dict(model.state_dict())
    exact = scores(load(folder))
    of_weights = (scores(same) - exact).square().mean().sqrt()
    of_inputs = (scores(same) - scores(model)).square().mean().sqrt()
    assert of_inputs < of_weights / 20


def test_state_dict_has_the_names_shapes_and_rounded_values(folder: Path) -> None:
    exact, rounded = load(folder).state_dict(), load(folder, quantize="int8").state_dict()
    assert sorted(exact) == sorted(rounded)
    for name, value in exact.items():
        assert rounded[name].shape == value.shape and rounded[name].dtype == value.dtype, name
        assert (rounded[name] - value).abs().max() <= value.abs().max() / 254 * 1.001, name


def test_zeros_and_far_sizes() -> None:
    layer = torch.nn.Linear(32, 16)
    rounded = Int8Linear(layer)
    with torch.no_grad():
        torch.testing.assert_close(rounded(torch.zeros(2, 32)), layer.bias.expand(2, -1))
        # Every row has a scale of its own.
        x = torch.stack([torch.randn(32), 1e6 * torch.randn(32)])
        assert torch.equal(rounded(x)[0], rounded(x[:1])[0])


def test_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="quantize is 'int3'; expected 'int8' or None"):
        load(folder, quantize="int3")
    with pytest.raises(ValueError, match="quantize='int8' computes in float32, and dtype is torch.bfloat16"):
        load(folder, quantize="int8", dtype="bfloat16")


def test_missing_engine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantized, "ENGINE", "one that no PyTorch has")
    with pytest.raises(RuntimeError, match="needs PyTorch's one that no PyTorch has engine"):
        load(folder, quantize="int8")


def test_starter_pipeline() -> None:
    texts = ["A wonderful film.", "I was bored to death.", "The plot makes no sense.", "Warm, funny and well played."]
    exact = formers.pipeline("sentiment-analysis", model="starter", framework="pt")(texts)
    rounded = formers.pipeline("sentiment-analysis", model="starter", framework="pt", quantize="int8")(texts)
    for before, after in zip(exact, rounded, strict=True):
        assert before["label"] == after["label"]
        assert after["score"] == pytest.approx(before["score"], abs=0.02)
