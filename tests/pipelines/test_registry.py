import json
import logging
import shutil

import pytest
import torch
from tests.golden_data import GOLDEN

import formers
from formers import hub, pipeline
from formers.pipelines import registry
from formers.pipelines.registry import SUPPORTED_TASKS, find_task

SENTIMENT = GOLDEN / "pipelines" / "sentiment_bert"


def test_the_tasks_and_their_documented_default_models():
    defaults = {name: (task.models["pt"], task.models["tf"]) for name, task in SUPPORTED_TASKS.items() if task.models}
    assert defaults == {
        "feature-extraction": ("distilbert-base-cased", "distilbert-base-cased"),
        "sentiment-analysis": ("distilbert-base-uncased-finetuned-sst-2-english",) * 2,
        "ner": ("dbmdz/bert-large-cased-finetuned-conll03-english",) * 2,
        "question-answering": ("distilbert-base-cased-distilled-squad",) * 2,
        "fill-mask": ("distilroberta-base", "distilroberta-base"),
        "summarization": ("sshleifer/distilbart-cnn-12-6", "t5-small"),
        "translation_en_to_fr": ("t5-base", "t5-base"),
        "translation_en_to_de": ("t5-base", "t5-base"),
        "translation_en_to_ro": ("t5-base", "t5-base"),
        "text2text-generation": ("t5-base", "t5-base"),  # which came after v3.0.2
        "text-generation": ("gpt2", "gpt2"),
    }
    assert find_task("text-classification") is find_task("sentiment-analysis")
    assert find_task("token-classification") is find_task("ner")
    assert find_task("translation_fi_to_de") is find_task("translation")


def test_unknown_tasks_and_frameworks_say_so():
    with pytest.raises(KeyError, match="Unknown task 'sentiment', available tasks are .*sentiment-analysis"):
        pipeline("sentiment")
    with pytest.raises(ValueError, match="framework is 'jax', expected 'pt' .* or 'tf'"):
        pipeline("ner", model=str(SENTIMENT), framework="jax")


def test_names_folders_and_objects_may_be_mixed():
    by_folder = pipeline("sentiment-analysis", model=str(SENTIMENT))
    expected = by_folder("The lamp is lit.")
    model, tokenizer = by_folder.model, by_folder.tokenizer
    for options in (
        {"model": SENTIMENT},
        {"model": model, "tokenizer": tokenizer},
        {"model": model, "tokenizer": str(SENTIMENT)},
        {"model": model, "tokenizer": (str(SENTIMENT), {"use_fast": True})},
        {"model": model, "config": str(SENTIMENT)},
        {"model": str(SENTIMENT), "config": str(SENTIMENT)},
        {"model": str(SENTIMENT), "config": model.config},
    ):
        assert pipeline("text-classification", **options)("The lamp is lit.") == expected
    with pytest.raises(ValueError, match="no tokenizer can be told from a model object"):
        pipeline("sentiment-analysis", model=model)


def test_a_head_without_trained_weights_is_told_loudly(caplog):
    pipeline("sentiment-analysis", model=str(SENTIMENT))
    assert "RANDOM" not in caplog.text
    folder = str(GOLDEN / "pipelines" / "fill_bert")
    pipeline("ner", model=folder)
    (message,) = [record.getMessage() for record in caplog.records if "RANDOM" in record.getMessage()]
    for part in (folder, "classifier.weight, classifier.bias", "BertForTokenClassification", "'ner'"):
        assert part in message


def test_a_base_model_is_no_random_head(caplog):
    # The masked language model has no pooler, which features do not need.
    pipeline("feature-extraction", model=str(GOLDEN / "pipelines" / "fill_bert"))
    assert "RANDOM" not in caplog.text


@pytest.fixture
def unreachable(monkeypatch, tmp_path):
    """A hub that cannot be reached and an empty cache."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    return {"cache_dir": str(tmp_path / "cache")}


def test_without_a_network_the_default_is_the_starter_model_and_one_line_says_so(unreachable, monkeypatch, caplog):
    asked = []

    def starter_path(task):
        asked.append(task)
        return str(SENTIMENT)

    monkeypatch.setattr("formers.starter.starter_path", starter_path)
    with caplog.at_level(logging.WARNING):
        nlp = pipeline("text-classification", **unreachable)
    assert asked == ["sentiment-analysis"]
    (message,) = caplog.messages
    assert "distilbert-base-uncased-finetuned-sst-2-english" in message and "starter" in message
    assert nlp("The lamp is lit.")[0]["label"] == "NEGATIVE"


def test_a_default_that_is_cached_in_part_counts_as_out_of_reach(unreachable, monkeypatch):
    tried = []

    def load(source, model, config=None, tokenizer=None):
        tried.append(model)
        if model == "distilroberta-base":
            raise hub.HubUnreachableError("config.json was cached, the weights are not")
        return whole(source, model, config, tokenizer)

    whole = registry._Source.load
    monkeypatch.setattr(registry._Source, "load", load)
    folder = str(GOLDEN / "pipelines" / "fill_bert")
    monkeypatch.setattr("formers.starter.starter_path", lambda task: folder)
    assert len(pipeline("fill-mask")("The [MASK] is old.")) == 5
    assert tried == ["distilroberta-base", folder]


def test_a_named_model_is_never_replaced(unreachable, monkeypatch):
    monkeypatch.setattr("formers.starter.starter_path", lambda task: str(SENTIMENT))
    with pytest.raises(hub.HubUnreachableError):
        pipeline("sentiment-analysis", model="some-one/some-model", **unreachable)


def test_a_task_without_a_starter_reports_both_troubles(unreachable, monkeypatch):
    def none(task):
        raise OSError("starters: sentiment-analysis")

    monkeypatch.setattr("formers.starter.starter_path", none)
    with pytest.raises(OSError, match="distilroberta-base.*No small model for 'fill-mask'.*starters: sentiment"):
        pipeline("fill-mask", **unreachable)


def test_the_starter_can_be_asked_for(monkeypatch, caplog):
    monkeypatch.setattr("formers.starter.starter_path", lambda task: str(SENTIMENT))
    assert pipeline("sentiment-analysis", model="starter")("The lamp is lit.")[0]["label"] == "NEGATIVE"
    assert not caplog.messages


def test_a_model_card_is_read_where_it_is_named_and_saved_along(tmp_path):
    card = tmp_path / "modelcard.json"
    card.write_text(json.dumps({"caveats_and_recommendations": {"use": "tests"}}))
    nlp = pipeline("sentiment-analysis", model=str(SENTIMENT), modelcard=str(card))
    nlp.save_pretrained(tmp_path / "saved")
    saved = json.loads((tmp_path / "saved" / "modelcard.json").read_text())
    assert saved["caveats_and_recommendations"] == {"use": "tests"}
    with pytest.raises(NotADirectoryError):
        nlp.save_pretrained(card)


def test_a_folder_without_weights_is_an_error_that_names_it(tmp_path):
    for name in ("config.json", "vocab.txt"):
        shutil.copy(SENTIMENT / name, tmp_path)
    with pytest.raises(OSError, match=str(tmp_path)):
        pipeline("sentiment-analysis", model=str(tmp_path))


def test_the_framework_is_that_of_the_model():
    class TFThing:
        pass

    assert registry.pipeline is formers.pipeline
    from formers.pipelines import get_framework

    assert get_framework(TFThing()) == "tf"
    assert get_framework(torch.nn.Linear(1, 1)) == "pt"
