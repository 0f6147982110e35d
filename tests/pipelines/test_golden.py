"""Results recorded from v3.0.2: floats within 1e-4, features within 1e-5, everything else exact."""

from typing import Any

import numpy as np
import pytest
from tests.golden_data import GOLDEN, read

from formers import pipeline

FOLDERS = sorted(path.name for path in (GOLDEN / "pipelines").iterdir())
# Recorded errors are v3.0.2's own, and need not be ours; test_tasks.py says what happens instead.
CASES = [
    pytest.param(folder, case, id=f"{folder}-{number}")
    for folder in FOLDERS
    for number, case in enumerate(read(f"pipelines/{folder}/cases.json"))
    if "error" not in case
]
# One folder a task: what a family computes in TensorFlow is tested with the models.
TF_FOLDERS = (
    "features_distilbert", "fill_roberta", "ner_distilbert", "qa_distilbert", "sentiment_bert", "generate_ctrl",
    "translate_marian",
)  # fmt: skip
_made: dict[str, Any] = {}


def made(folder: str, case: dict[str, Any], framework: str = "pt") -> Any:
    key = f"{folder} {case['task']} {case['pipeline']} {framework}"
    if key not in _made:
        path = str(GOLDEN / "pipelines" / folder)
        _made[key] = pipeline(case["task"], model=path, tokenizer=path, framework=framework, **case["pipeline"])
    return _made[key]


def assert_same(ours: Any, theirs: Any, where: str = "result") -> None:
    if isinstance(theirs, dict) and theirs.keys() == {"tensor"}:
        assert ours.numpy().tolist() == theirs["tensor"], where
    elif isinstance(theirs, dict):
        assert isinstance(ours, dict) and list(ours) == list(theirs), where
        for key in theirs:
            assert_same(ours[key], theirs[key], f"{where}.{key}")
    elif isinstance(theirs, list) and len(theirs) > 8 and all(isinstance(number, float) for number in theirs):
        scale = 1 + np.abs(theirs).max()
        assert np.abs(np.subtract(ours, theirs)).max() <= 1e-5 * scale, where
    elif isinstance(theirs, list):
        assert isinstance(ours, list) and len(ours) == len(theirs), where
        for index, (our, their) in enumerate(zip(ours, theirs, strict=True)):
            assert_same(our, their, f"{where}[{index}]")
    elif isinstance(theirs, float):
        assert type(ours) is float and ours == pytest.approx(theirs, rel=1e-5, abs=1e-5), where
    else:
        assert type(ours) is type(theirs) and ours == theirs, where


@pytest.mark.parametrize(("folder", "case"), CASES)
def test_results_are_those_of_v3(folder: str, case: dict[str, Any]) -> None:
    assert_same(made(folder, case)(*case["args"], **case["kwargs"]), case["out"])


@pytest.mark.parametrize(("folder", "case"), [row for row in CASES if row.values[0] in TF_FOLDERS])
def test_results_in_tensorflow_are_the_same(folder: str, case: dict[str, Any]) -> None:
    assert_same(made(folder, case, "tf")(*case["args"], **case["kwargs"]), case["out"])


@pytest.mark.parametrize("folder", ["sentiment_bert", "sentiment_roberta", "ner_bert", "ner_distilbert"])
def test_a_batch_of_all_texts_gives_what_each_gives_alone(folder: str) -> None:
    cases = [case for case in read(f"pipelines/{folder}/cases.json") if "error" not in case and not case["pipeline"]]
    nlp = made(folder, cases[0])
    texts = [text for case in cases for arg in case["args"] for text in (arg if isinstance(arg, list) else [arg])]
    alone = [nlp(text) for text in texts]
    together = nlp(texts, max_tokens=64)
    if folder.startswith("sentiment"):
        together = [[result] for result in together]
    for ours, theirs in zip(together, alone, strict=True):
        assert [list(row.values())[0] for row in ours] == [list(row.values())[0] for row in theirs]
        assert [row["score"] for row in ours] == pytest.approx([row["score"] for row in theirs], abs=1e-5)


def test_answers_from_many_windows_at_once_are_those_of_single_ones() -> None:
    cases = [case for case in read("pipelines/qa_bert/cases.json") if "question" in case["kwargs"]]
    single = [case["kwargs"] for case in cases if "error" not in case and isinstance(case["kwargs"]["context"], str)]
    pairs = [{key: row[key] for key in ("question", "context")} for row in single if isinstance(row["question"], str)]
    pairs = [pair for pair in pairs if len(pair["question"]) < 100]
    nlp = made("qa_bert", cases[0])
    alone = [nlp(pair, max_seq_len=64, doc_stride=16) for pair in pairs]
    assert_same(nlp(pairs, max_seq_len=64, doc_stride=16, max_tokens=200), alone)
    assert_same(nlp(pairs, padding=False), [nlp(pair, padding=False) for pair in pairs])


def test_a_saved_pipeline_gives_the_same_results(tmp_path: Any) -> None:
    (case, *_) = read("pipelines/fill_roberta/cases.json")
    made("fill_roberta", case).save_pretrained(tmp_path / "saved")
    again = pipeline("fill-mask", model=str(tmp_path / "saved"))
    assert_same(again(*case["args"]), case["out"])


def test_half_precision_is_close() -> None:
    (case, *_) = read("pipelines/sentiment_bert/cases.json")
    path = str(GOLDEN / "pipelines" / "sentiment_bert")
    import torch

    nlp = pipeline("sentiment-analysis", model=path, dtype="bfloat16")
    assert {parameter.dtype for parameter in nlp.model.parameters()} == {torch.bfloat16}
    (ours,), (theirs,) = nlp(*case["args"]), case["out"]
    assert ours["label"] == theirs["label"] and ours["score"] == pytest.approx(theirs["score"], abs=0.02)
    with pytest.raises(ValueError, match="dtype is 'int8', expected one of float32, bfloat16, float16"):
        pipeline("sentiment-analysis", model=path, dtype="int8")


def test_texts_that_are_odd_have_a_result() -> None:
    nlp = made("sentiment_bert", read("pipelines/sentiment_bert/cases.json")[0])
    for text in ("", "   \n", "\u200d\u0301", "x" * 100_000, "\U0001f6a4" * 300, "a \ud800 b"):
        (result,) = nlp(text)
        assert result["label"] in ("NEGATIVE", "POSITIVE") and 0.0 <= result["score"] <= 1.0
