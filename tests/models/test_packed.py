"""Packed weights: the same numbers in another order."""

from pathlib import Path

import pytest
import torch
from tests.models.fixed_models import IDS, NAMES, WRITERS, load, scores, write

import formers
from formers.backends.torch.storage.packed import PackedLinear, PackedTable

pytestmark = pytest.mark.skipif(not torch.backends.mkldnn.is_available(), reason="this PyTorch has no oneDNN")


@pytest.fixture(params=NAMES)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return write(request.param, tmp_path)


def test_scores(folder: Path) -> None:
    torch.testing.assert_close(scores(load(folder, packed=True)), scores(load(folder)), rtol=1e-5, atol=1e-5)


def test_state_dict_is_the_same_to_the_bit(folder: Path) -> None:
    plain, packed = load(folder).state_dict(), load(folder, packed=True).state_dict()
    assert sorted(plain) == sorted(packed)
    for name, value in plain.items():
        assert torch.equal(packed[name], value), name


def test_only_tables_that_score_words_are_kept_twice(tmp_path: Path) -> None:
    scoring = load(write("BartForConditionalGeneration", tmp_path), packed=True)
    assert isinstance(scoring.get_input_embeddings(), PackedTable)
    looked_up = load(write("BertForMaskedLM", tmp_path), packed=True)
    assert isinstance(looked_up.get_input_embeddings(), torch.nn.Embedding)


def test_generated_ids_are_the_same(folder: Path) -> None:
    if folder.name not in WRITERS:
        pytest.skip("does not generate")
    for beams in (1, 3):
        options = {"num_beams": beams, "max_length": 16, "min_length": 15, "pad_token_id": 1}
        options["decoder_start_token_id"] = 3
        assert torch.equal(load(folder, packed=True).generate(IDS, **options), load(folder).generate(IDS, **options))


@pytest.mark.parametrize("rows", [1, 2, 5, 11, 32, 300])
def test_products(rows: int) -> None:
    torch.manual_seed(0)
    plain = torch.nn.Linear(384, 512)
    packed = PackedLinear(plain)
    x = torch.randn(rows, 384)
    with torch.no_grad():
        exact = torch.nn.functional.linear(x.double(), plain.weight.double(), plain.bias.double())
        torch.testing.assert_close(packed(x).double(), exact, rtol=1e-5, atol=1e-5)
        strided = torch.randn(rows, 384, 2)[..., 0]
        torch.testing.assert_close(packed(strided), plain(strided), rtol=1e-5, atol=1e-5)


def test_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write("GPT2LMHeadModel", tmp_path)
    with pytest.raises(ValueError, match="packed=True computes in float32, and dtype is torch.bfloat16"):
        load(folder, packed=True, dtype="bfloat16")
    model = load(folder, packed=True)
    with pytest.raises(ValueError, match="stay in float32; found torch.bfloat16"):
        model.bfloat16()
    assert {value.dtype for value in model.parameters()} == {torch.float32}
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match="needs oneDNN"):
        load(folder, packed=True)


def test_starter_pipeline() -> None:
    texts = ["A wonderful film.", "I was bored to death."]
    plain = formers.pipeline("sentiment-analysis", model="starter", framework="pt")(texts)
    packed = formers.pipeline("sentiment-analysis", model="starter", framework="pt", packed=True)(texts)
    for before, after in zip(plain, packed, strict=True):
        assert before["label"] == after["label"]
        assert after["score"] == pytest.approx(before["score"], abs=1e-5)
