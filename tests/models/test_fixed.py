"""Weights that are parameters no more, in every form: what can be done with them, what is refused."""

import copy
import gc
import pickle
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.models.fixed_models import IDS, NAMES, WRITERS, load, scores, write

import formers
from formers.backends.torch.storage import quantized
from formers.backends.torch.storage.fixed import FixedWeight
from formers.backends.torch.storage.packed import PackedLinear
from formers.backends.torch.storage.quantized import Int8Linear
from formers.starter import starter_path

NO_INT8 = quantized.ENGINE not in torch.backends.quantized.supported_engines
NO_PACKED = not torch.backends.mkldnn.is_available()
FORMS: dict[str, tuple[dict[str, Any], type[Any]]] = {
    "int8": ({"quantize": "int8"}, Int8Linear),
    "packed": ({"packed": True}, PackedLinear),
}


@pytest.fixture(
    params=[
        pytest.param("int8", marks=pytest.mark.skipif(NO_INT8, reason="PyTorch has these products on x86")),
        pytest.param("packed", marks=pytest.mark.skipif(NO_PACKED, reason="this PyTorch has no oneDNN")),
    ]
)
def form(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def options(form: str) -> dict[str, Any]:
    return FORMS[form][0]


@pytest.fixture
def layer_class(form: str) -> type[Any]:
    return FORMS[form][1]


@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write(request.param, tmp_path)


def test_no_map_is_left_as_it_was(folder: Path, options: dict[str, Any]) -> None:
    model = load(folder, **options)
    assert not [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    assert isinstance(model.get_output_embeddings(), FixedWeight)
    assert not model.training and model.dtype == torch.float32


def test_a_saved_model_gives_the_same_weights_in_float32(
    folder: Path, options: dict[str, Any], tmp_path: Path
) -> None:
    model = load(folder, **options)
    target = tmp_path / "saved" / folder.name
    model.save_pretrained(target)
    again = load(target).state_dict()
    state = model.state_dict()
    assert sorted(state) == sorted(again)
    for name, value in state.items():
        assert torch.equal(again[name], value), name


def test_number_of_parameters(folder: Path, options: dict[str, Any]) -> None:
    plain, fixed = load(folder), load(folder, **options)
    # A linear layer that was tied to the token embeddings has its own copy.
    copied = fixed.num_parameters() - plain.num_parameters()
    table = plain.get_output_embeddings().weight.numel()
    assert copied in (0, table)
    assert fixed.num_parameters(only_trainable=True) < plain.num_parameters()


def test_generation_has_the_same_cache_rules(folder: Path, options: dict[str, Any]) -> None:
    if folder.name not in WRITERS:
        pytest.skip("does not generate")
    model = load(folder, **options)
    for beams in (1, 3):
        asked = {"num_beams": beams, "max_length": 14, "min_length": 13, "pad_token_id": 1, "decoder_start_token_id": 3}
        with_cache = model.generate(IDS, **asked)
        assert torch.equal(with_cache, model.generate(IDS, use_cache=False, **asked))


def test_the_file_is_let_go(folder: Path, options: dict[str, Any]) -> None:
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("this system does not tell what is mapped")
    model = load(folder, **options)
    gc.collect()
    assert str(folder) not in maps.read_text()
    assert scores(model).isfinite().all()


def test_a_copy_gives_the_same(folder: Path, options: dict[str, Any]) -> None:
    model = load(folder, **options)
    assert torch.equal(scores(copy.deepcopy(model)), scores(model))


def test_a_pickled_layer_gives_the_same(layer_class: type[Any]) -> None:
    layer = layer_class(torch.nn.Linear(32, 16))
    again = pickle.loads(pickle.dumps(layer))
    x = torch.randn(3, 32)
    with torch.no_grad():
        assert torch.equal(again(x), layer(x)) and torch.equal(again.weight, layer.weight)


def test_gradients_flow_through_to_inputs(layer_class: type[Any]) -> None:
    layer = layer_class(torch.nn.Linear(32, 16))
    x = torch.randn(4, 32, requires_grad=True)
    layer(x).sum().backward()
    torch.testing.assert_close(x.grad, layer.weight.sum(0).expand(4, -1))


@pytest.mark.parametrize("shape", [(32,), (1, 32), (2, 3, 32), (0, 32), (2, 0, 32)], ids=str)
@pytest.mark.parametrize("bias", [True, False])
def test_shapes_and_types(shape: tuple[int, ...], bias: bool, layer_class: type[Any]) -> None:
    plain = torch.nn.Linear(32, 16, bias)
    layer = layer_class(plain)
    with torch.no_grad():
        assert layer(torch.randn(shape)).shape == plain(torch.randn(shape)).shape
        assert layer(torch.randn(shape).bfloat16()).dtype == torch.bfloat16


def test_refused(folder: Path, form: str, options: dict[str, Any]) -> None:
    model = load(folder, **options)
    fixed = next(module for module in model.modules() if isinstance(module, FixedWeight))
    without = {"int8": "without quantize=", "packed": "without packed=True"}[form]
    with pytest.raises(TypeError, match=without):
        model.load_state_dict(load(folder).state_dict())
    with pytest.raises(TypeError, match=without):
        fixed.weight = torch.zeros(3)
    with pytest.raises(TypeError, match=without):
        fixed.weight = torch.nn.Parameter(torch.zeros(3))
    vocabulary = model.decoder if hasattr(model.config, "decoder") else model  # a model made of two has two
    with pytest.raises(TypeError, match=f"cannot be resized: load it {without}"):
        vocabulary.resize_token_embeddings(300)
    with pytest.raises(ValueError, match="stay on the CPU"):
        model.to("meta")
    assert {value.device.type for value in model.state_dict().values()} == {"cpu"}  # nothing has moved


def test_pipelines_refuse_models_that_are_loaded_already(options: dict[str, Any]) -> None:
    model = formers.AutoModelForSequenceClassification.from_pretrained(starter_path("sentiment-analysis"))
    with pytest.raises(ValueError, match="while it is loaded"):
        formers.pipeline("sentiment-analysis", model=model, tokenizer="starter", **options)


def test_one_form_at_a_time(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="quantize='int8' has another form"):
        load(write("GPT2LMHeadModel", tmp_path), packed=True, quantize="int8")
