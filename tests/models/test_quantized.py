"""Weights in eight bits: what they cost, what stays as it was, what is refused."""

import copy
import gc
from pathlib import Path
from typing import Any

import pytest
import torch

import formers
from formers.backends.torch import quantized
from formers.backends.torch.quantized import Int8Embedding, Int8Linear, Int8Weight
from formers.starter import starter_path

pytestmark = pytest.mark.skipif(
    quantized.ENGINE not in torch.backends.quantized.supported_engines, reason="PyTorch has these products on x86"
)

SIZES = {"vocab_size": 211}
TINY: dict[str, tuple[type, Any]] = {
    "BertForMaskedLM": (formers.BertForMaskedLM, formers.BertConfig(
        hidden_size=48, num_hidden_layers=2, num_attention_heads=4, intermediate_size=96, **SIZES)),
    "GPT2LMHeadModel": (formers.GPT2LMHeadModel, formers.GPT2Config(
        n_embd=48, n_layer=2, n_head=4, n_positions=64, eos_token_id=None, **SIZES)),
    "BartForConditionalGeneration": (formers.BartForConditionalGeneration, formers.BartConfig(
        d_model=48, encoder_layers=2, decoder_layers=2, encoder_ffn_dim=96, decoder_ffn_dim=96,
        encoder_attention_heads=4, decoder_attention_heads=4, decoder_start_token_id=2, **SIZES)),
    "T5ForConditionalGeneration": (formers.T5ForConditionalGeneration, formers.T5Config(
        d_model=48, d_kv=12, d_ff=96, num_layers=2, num_heads=4, decoder_start_token_id=0, **SIZES)),
}  # fmt: skip
IDS = torch.randint(5, 200, (2, 9), generator=torch.Generator().manual_seed(1))


@pytest.fixture(params=TINY)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    model_class, config = TINY[request.param]
    torch.manual_seed(0)
    model_class(config).save_pretrained(tmp_path / request.param)
    return tmp_path / request.param


def load(folder: Path, **options: Any) -> Any:
    return getattr(formers, folder.name).from_pretrained(folder, **options)


def scores(model: Any) -> torch.Tensor:
    paired = {"decoder_input_ids": IDS} if model.config.is_encoder_decoder else {}
    with torch.no_grad():
        return model(IDS, **paired)[0]


def test_every_product_has_eight_bits(folder: Path) -> None:
    model = load(folder, quantize="int8")
    assert not [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    assert isinstance(model.get_input_embeddings(), Int8Embedding)
    assert isinstance(model.get_output_embeddings(), Int8Weight)
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


def test_saved_model_has_the_rounded_weights_in_float32(folder: Path, tmp_path: Path) -> None:
    model = load(folder, quantize="int8")
    target = tmp_path / "saved" / folder.name
    model.save_pretrained(target)
    again = load(target)
    for name, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name


def test_generation_has_the_same_cache_rules(folder: Path) -> None:
    if "MaskedLM" in folder.name:
        pytest.skip("does not generate")
    model = load(folder, quantize="int8")
    for beams in (1, 3):
        options = {"num_beams": beams, "max_length": 14, "min_length": 13, "pad_token_id": 1}
        with_cache = model.generate(IDS, **options)
        assert torch.equal(with_cache, model.generate(IDS, use_cache=False, **options))


def test_the_file_is_let_go(folder: Path) -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what is mapped")
    model = load(folder, quantize="int8")
    gc.collect()
    assert str(folder) not in maps.read_text()
    assert scores(model).isfinite().all()


def test_a_copy_gives_the_same(folder: Path) -> None:
    model = load(folder, quantize="int8")
    assert torch.equal(scores(copy.deepcopy(model)), scores(model))


def test_gradients_flow_through_to_inputs() -> None:
    layer = torch.nn.Linear(32, 16)
    rounded = Int8Linear(layer)
    x = torch.randn(4, 32, requires_grad=True)
    rounded(x).sum().backward()
    torch.testing.assert_close(x.grad, rounded.weight.sum(0).expand(4, -1))


@pytest.mark.parametrize("shape", [(32,), (1, 32), (2, 3, 32), (0, 32)], ids=str)
def test_shapes_and_types(shape: tuple[int, ...]) -> None:
    layer = torch.nn.Linear(32, 16)
    rounded = Int8Linear(layer)
    with torch.no_grad():
        assert rounded(torch.randn(shape)).shape == layer(torch.randn(shape)).shape
        assert rounded(torch.randn(shape).bfloat16()).dtype == torch.bfloat16


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
    model = load(folder, quantize="int8")
    with pytest.raises(TypeError, match="without quantize="):
        model.load_state_dict(load(folder).state_dict())
    with pytest.raises(TypeError, match="cannot be resized"):
        model.resize_token_embeddings(300)
    with pytest.raises(ValueError, match="stay on the CPU"):
        model.to("meta")


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


def test_pipeline_refuses_models_that_are_loaded_already() -> None:
    model = formers.AutoModelForSequenceClassification.from_pretrained(starter_path("sentiment-analysis"))
    with pytest.raises(ValueError, match="while it is loaded"):
        formers.pipeline("sentiment-analysis", model=model, tokenizer="starter", quantize="int8")
