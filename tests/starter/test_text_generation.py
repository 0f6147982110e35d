"""The bundled teller of stories."""
import re
from pathlib import Path

import pytest
import torch

from formers import AutoConfig, AutoTokenizer, GPT2LMHeadModel, GPT2Model, pipeline
from formers.starter import starter_path

FOLDER = Path(starter_path("text-generation"))
# Written for this test.
STORY = (
    "Once upon a time, there was a little dog named Max. He liked to run in the park. One day, Max saw a red ball "
    "under a tree. He wanted to play with it, but a big cat was sitting on it. Max asked the cat if he could have the "
    "ball. The cat said yes, and they played together all day. Max was very happy."
)


@pytest.fixture(scope="module")
def write():
    return pipeline("text-generation", model="starter", framework="pt")


@pytest.fixture(scope="module")
def model():
    return GPT2LMHeadModel.from_pretrained(str(FOLDER))


@pytest.fixture(scope="module")
def tokenizer():
    return AutoTokenizer.from_pretrained(str(FOLDER))


def perplexity(model, ids):
    with torch.no_grad():
        return model(ids, labels=ids)[0].exp().item()


def test_it_is_small(tokenizer):
    config = AutoConfig.from_pretrained(str(FOLDER))
    assert config.model_type == "gpt2" and config.n_positions == tokenizer.model_max_length == 256
    assert len(tokenizer) == config.vocab_size == 4096
    assert tokenizer.eos_token_id == tokenizer.bos_token_id == config.eos_token_id == config.bos_token_id
    assert sum(path.stat().st_size for path in FOLDER.iterdir()) <= 20_000_000


def test_nothing_is_missing(model):
    _, info = GPT2Model.from_pretrained(str(FOLDER), output_loading_info=True)
    assert not info["missing_keys"] and not info["unexpected_keys"]
    assert model.get_input_embeddings().weight is model.get_output_embeddings().weight


def test_every_text_can_be_spelled(tokenizer):
    for text in ("Lily's naïve 😀 cat\n\tsaid: “99 %”!", "Привет, мир", STORY):
        assert tokenizer.decode(tokenizer(text)["input_ids"]).strip() == text


def test_a_story_is_no_surprise_and_its_words_in_another_order_are(model, tokenizer):
    told = tokenizer(STORY, return_tensors="pt")["input_ids"]
    torch.manual_seed(0)
    mixed = told[:, torch.randperm(told.shape[1])]
    assert perplexity(model, told) < 12
    assert perplexity(model, mixed) > 200


def test_it_goes_on_in_plain_words(write):
    torch.manual_seed(0)
    (found,) = write("Once upon a time")
    text = found["generated_text"]
    assert text.startswith("Once upon a time") and len(text.split()) > 40
    words = re.findall(r"[A-Za-z']+", text)
    # A few words of a story make up much of it.
    common = {"the", "a", "to", "and", "was", "he", "she", "it", "in", "they"}
    assert sum(word.lower() in common for word in words) > len(words) / 6


def test_the_same_seed_gives_the_same_text(write):
    texts = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        texts.append(write("One day, a little girl", max_length=40)[0]["generated_text"])
    assert texts[0] == texts[1] != texts[2]


@pytest.mark.slow
def test_it_holds_its_perplexity_on_held_out_texts(tmp_path):
    from recipes.text_generation import OUTPUT, evaluate

    measured = evaluate(tmp_path, OUTPUT, number=16)
    assert measured["student, a piece"] <= 5.0
