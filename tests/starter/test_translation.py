"""The translation starter: loads offline, translates plain sentences, ends its texts, holds the recipe's figures."""
import logging
from pathlib import Path

import pytest

from formers import AutoConfig, AutoTokenizer, MarianMTModel, MarianTokenizer, TranslationPipeline, pipeline
from formers.starter import starter_path

TASK = "translation_en_to_fr"


@pytest.fixture(scope="module")
def translate():
    return pipeline(TASK, model="starter", framework="pt")


def test_it_is_a_small_marian_checkpoint():
    folder = starter_path(TASK)
    assert (Path(folder) / "model.safetensors").stat().st_size <= 20_000_000
    assert AutoConfig.from_pretrained(folder).model_type == "marian"
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, MarianTokenizer)
    assert (tokenizer.source_lang, tokenizer.target_lang) == ("en", "fr")


def test_the_pipeline_loads_it_with_no_network(translate, monkeypatch):
    monkeypatch.setenv("TRANSFORMERS_OFFLINE", "1")
    assert isinstance(pipeline(TASK, model="starter", framework="pt"), TranslationPipeline)
    assert isinstance(translate.model, MarianMTModel)


@pytest.mark.parametrize(
    "english, french",
    [
        ("I love you.", ["Je t'aime.", "Je vous aime."]),
        ("Where is the station?", ["Où est la gare ?", "Où se trouve la gare ?"]),
        ("The cat is sleeping on the sofa.", ["Le chat dort sur le canapé."]),
        ("She bought a new car yesterday.", ["Elle a acheté une nouvelle voiture hier."]),
        ("Can you help me?", ["Peux-tu m'aider ?", "Pouvez-vous m'aider ?"]),
        ("I have two cats and a dog.", ["J'ai deux chats et un chien."]),
        ("We have no time.", ["Nous n'avons pas le temps.", "Nous n'avons pas de temps."]),
    ],
)
@pytest.mark.parametrize("beams", [1, 4])
def test_it_translates_plain_sentences(translate, english, french, beams):
    (found,) = translate(english, num_beams=beams)
    assert found["translation_text"] in french


def test_a_batch_is_translated_like_its_texts_alone_and_ends_in_time(translate, caplog):
    texts = ["Hello!", "I don\u2019t know what to do.", "The house is big. The garden is small."]
    with caplog.at_level(logging.WARNING):
        together = translate(texts, num_beams=1)
    assert not caplog.records
    assert together == [translate(text, num_beams=1)[0] for text in texts]
    assert together[1]["translation_text"] == "Je ne sais pas quoi faire."


def test_it_loads_with_no_word_of_missing_weights(caplog):
    with caplog.at_level(logging.WARNING):
        MarianMTModel.from_pretrained(starter_path(TASK))
    assert not caplog.records


@pytest.mark.slow
def test_it_holds_its_bleu_on_held_out_pairs(tmp_path):
    pytest.importorskip("sacrebleu", reason="the recipes extra brings it")
    from recipes.translation import OUTPUT, evaluate

    measured = evaluate(tmp_path, OUTPUT)
    assert measured["greedy"] >= 43.0
    assert measured["beam 4"] >= 43.7
