import builtins
import json
import logging
import shutil
import subprocess
import sys

import pytest
import torch
from tests.golden_data import GOLDEN

import formers
from formers import hub, pipeline
from formers.pipelines import SUPPORTED_TASKS, loading, registry
from formers.pipelines.tasks import find_task

SENTIMENT = GOLDEN / "pipelines" / "sentiment_bert"


def test_the_tasks_and_their_documented_default_models():
    defaults = {
        name: (task["default"]["model"]["pt"], task["default"]["model"]["tf"]) for name, task in SUPPORTED_TASKS.items()
    }
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
    import huggingface_hub.constants  # noqa: F401  # it reads the variables once, when it is imported

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

    whole = loading.Source.load
    monkeypatch.setattr(loading.Source, "load", load)
    folder = str(GOLDEN / "pipelines" / "fill_bert")
    monkeypatch.setattr("formers.starter.starter_path", lambda task: folder)
    assert len(pipeline("fill-mask")("The [MASK] is old.")) == 5
    assert tried == ["distilroberta-base", folder]


@pytest.mark.parametrize("error", [hub.HubError, hub.HubUnauthorizedError, hub.HubNotFoundError])
def test_whatever_the_network_answers_the_starter_is_used_unless_a_revision_was_asked_for(monkeypatch, error):
    whole = loading.Source.load

    def load(source, model, config=None, tokenizer=None):
        if model == "distilroberta-base":
            raise error("a login page")
        return whole(source, model, config, tokenizer)

    monkeypatch.setattr(loading.Source, "load", load)
    monkeypatch.setattr("formers.starter.starter_path", lambda task: str(GOLDEN / "pipelines" / "fill_bert"))
    assert len(pipeline("fill-mask")("The [MASK] is old.")) == 5
    with pytest.raises(error, match="a login page"):
        pipeline("fill-mask", revision="v1")


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


# The table of tasks


def test_the_table_of_tasks_has_the_documented_form():
    from formers.pipelines import Pipeline

    for name, task in SUPPORTED_TASKS.items():
        assert type(task) is dict and list(task) == ["impl", "tf", "pt", "default"], name
        assert issubclass(task["impl"], Pipeline)
        assert task["pt"].__name__.startswith("AutoModel") and task["tf"].__name__ == f"TF{task['pt'].__name__}"
        assert list(task["default"]) == ["model", "config", "tokenizer"]
    assert SUPPORTED_TASKS["ner"]["impl"] is formers.NerPipeline
    assert SUPPORTED_TASKS["ner"]["pt"] is formers.AutoModelForTokenClassification
    assert SUPPORTED_TASKS["summarization"]["tf"] is formers.TFAutoModelForSeq2SeqLM


def test_reading_the_table_imports_no_framework():
    script = (
        "import sys; from formers.pipelines import SUPPORTED_TASKS; SUPPORTED_TASKS['ner']['pt'];"
        "print([name for name in ('torch', 'tensorflow', 'keras') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


class LengthPipeline(formers.TextClassificationPipeline):
    """Tells the label and how long the text is."""

    def __init__(self, unit="characters", **kwargs):
        super().__init__(**kwargs)
        self.unit = unit

    def __call__(self, *args, **kwargs):
        rows = super().__call__(*args, **kwargs)
        return [{**row, self.unit: len(text)} for row, text in zip(rows, args, strict=True)]


def test_a_task_that_a_user_adds_works(monkeypatch, unreachable):
    entry = {
        "impl": LengthPipeline,
        "pt": formers.BertForSequenceClassification,  # no auto class
        "tf": None,
        "default": {"model": {"pt": str(SENTIMENT)}, "config": None, "tokenizer": (str(SENTIMENT), {"use_fast": True})},
    }
    monkeypatch.setitem(SUPPORTED_TASKS, "my-task", entry)
    plain = pipeline("sentiment-analysis", model=str(SENTIMENT))
    expected = [{**plain("The lamp is lit.")[0], "characters": 16}]
    named = pipeline("my-task", model=str(SENTIMENT), tokenizer=str(SENTIMENT))
    assert type(named) is LengthPipeline and named.task == "my-task"
    assert named("The lamp is lit.") == expected
    assert pipeline("my-task", model=plain.model, tokenizer=plain.tokenizer)("The lamp is lit.") == expected
    by_default = pipeline("my-task", unit="letters")
    assert type(by_default.tokenizer) is formers.BertTokenizerFast
    assert by_default("The lamp is lit.")[0]["letters"] == 16
    with pytest.raises(ValueError, match="'my-task' has no class that loads a model in TensorFlow.* is None, so pass"):
        pipeline("my-task", model=str(SENTIMENT), framework="tf")
    with pytest.raises(KeyError, match="available tasks are .*'my-task'"):
        pipeline("my-other-task")
    # What is left out of an entry counts as None.
    monkeypatch.setitem(SUPPORTED_TASKS, "bare", {"impl": LengthPipeline})
    assert pipeline("bare", model=plain.model, tokenizer=plain.tokenizer)("The lamp is lit.") == expected
    with pytest.raises(ValueError, match="the task 'bare' has no default model"):
        pipeline("bare")


def test_a_default_that_a_user_changes_counts_and_is_never_replaced(monkeypatch, unreachable):
    default = SUPPORTED_TASKS["sentiment-analysis"]["default"]
    monkeypatch.setitem(default["model"], "pt", str(SENTIMENT))
    assert pipeline("text-classification")("The lamp is lit.")[0]["label"] == "NEGATIVE"
    config = formers.BertConfig.from_pretrained(SENTIMENT, id2label={0: "down", 1: "up"})
    monkeypatch.setitem(default, "config", config)
    assert pipeline("sentiment-analysis")("The lamp is lit.")[0]["label"] == "down"
    monkeypatch.setattr("formers.starter.starter_path", lambda task: str(SENTIMENT))
    monkeypatch.setitem(default["model"], "pt", "some-one/some-model")
    with pytest.raises(hub.HubUnreachableError, match="some-one/some-model"):
        pipeline("sentiment-analysis", **unreachable)


def test_the_configuration_is_read_once(monkeypatch):
    opened, real = [], builtins.open

    def noting(file, *args, **kwargs):
        opened.append(str(file))
        return real(file, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", noting)
    for options in ({}, {"tokenizer": str(SENTIMENT)}, {"framework": "tf"}, {"config": str(SENTIMENT)}):
        opened.clear()
        assert pipeline("sentiment-analysis", model=str(SENTIMENT), **options)("The lamp is lit.")
        assert opened.count(str(SENTIMENT / "config.json")) == 1, options
