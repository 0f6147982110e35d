"""The bundled writer of titles."""
from pathlib import Path

import pytest
import torch

from formers import AutoConfig, AutoTokenizer, T5ForConditionalGeneration, pipeline
from formers.checkpoint import open_checkpoint
from formers.checkpoint.safetensors import SafetensorsCheckpoint
from formers.starter import starter_path

FOLDER = Path(starter_path("summarization"))
REPORT = (
    "We updated the dependencies, removed two packages that nobody used any more, and rebuilt the container image. "
    "The build is now two minutes faster."
)


@pytest.fixture(scope="module")
def summarize():
    return pipeline("summarization", model="starter", framework="pt")


def test_matrices_are_stored_in_eight_bits():
    file = FOLDER / "model.safetensors"
    with SafetensorsCheckpoint(file) as raw, open_checkpoint(file) as read:
        kinds = {name: raw.tensor(name).dtype for name in raw.names()}
        matrices = [name for name in read.names() if len(read.shape(name)) == 2 and "relative" not in name]
        assert len(read.names()) == 190
        assert {kinds[name] for name in matrices} == {torch.int8}
        assert {kind for name, kind in kinds.items() if name not in matrices} == {torch.float16, torch.float32}
        # One scale for the whole matrix, as in the original.
        assert all(len(raw.tensor(name).unique()) == 1 for name in kinds if name.endswith(".SCB"))
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 71_000_000


def test_nothing_is_missing():
    model, info = T5ForConditionalGeneration.from_pretrained(str(FOLDER), output_loading_info=True)
    tied = {"encoder.embed_tokens.weight", "decoder.embed_tokens.weight"}
    assert set(info["missing_keys"]) <= tied and not info["unexpected_keys"]
    assert model.dtype == torch.float32
    assert not torch.equal(model.get_input_embeddings().weight, model.get_output_embeddings().weight)


def test_pieces_and_rows_agree():
    tokenizer, config = AutoTokenizer.from_pretrained(str(FOLDER)), AutoConfig.from_pretrained(str(FOLDER))
    assert len(tokenizer) == config.vocab_size == 24_000
    assert (tokenizer.pad_token_id, tokenizer.eos_token_id) == (config.pad_token_id, config.eos_token_id) == (0, 1)
    text = "Zxqvk's naïve über-œuvre @ 99.5% — “floccinaucinihilipilification”? #éß $3"
    assert tokenizer.unk_token not in tokenizer.tokenize(text)
    ids = tokenizer(REPORT)["input_ids"]
    assert ids[-1] == tokenizer.eos_token_id
    assert tokenizer.decode(ids, skip_special_tokens=True) == REPORT


def test_it_names_what_a_report_is_about(summarize):
    (found,) = summarize(REPORT)
    title = found["summary_text"]
    assert "dependencies" in title.lower() and "packages" in title.lower()
    assert 3 <= len(title.split()) <= 15


def test_it_says_the_same_twice_and_takes_lists(summarize):
    texts = [REPORT, "The page was slow, so I looked at the query, added an index to the table and measured again."]
    assert summarize(texts) == [summarize(text)[0] for text in texts]


@pytest.mark.slow
def test_with_its_rounding_the_encoder_is_the_original_s(tmp_path):
    pytest.importorskip("onnxruntime")
    from recipes.summarization import evaluate

    assert evaluate(tmp_path, FOLDER, number=10)["states, rounded"] >= 0.97
