"""A pipeline can be pickled and copied, and works in other processes."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from tests.golden_data import GOLDEN, read

from formers import pipeline

FOLDERS = (
    "features_distilbert", "fill_roberta", "generate_gpt2", "ner_bert", "qa_bert", "sentiment_bert", "summarize_bart",
    "summarize_translate_t5", "translate_marian",
)  # fmt: skip
WAYS = {"pickle": lambda value: pickle.loads(pickle.dumps(value)), "copy": copy.copy, "deepcopy": copy.deepcopy}


def made(folder, framework="pt"):
    case = next(case for case in read(f"pipelines/{folder}/cases.json") if "error" not in case)
    nlp = pipeline(case["task"], model=str(GOLDEN / "pipelines" / folder), framework=framework, **case["pipeline"])
    return nlp, case["args"], case["kwargs"]


def plain(result):
    """Tensors as lists, so that results can be compared."""
    if isinstance(result, dict):
        return {key: plain(value) for key, value in result.items()}
    if isinstance(result, list):
        return [plain(value) for value in result]
    return np.asarray(result).tolist() if hasattr(result, "numpy") else result


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("folder", FOLDERS)
def test_a_copy_gives_equal_results(folder, way):
    nlp, args, kwargs = made(folder)
    before, copied = plain(nlp(*args, **kwargs)), way(nlp)
    assert type(copied) is type(nlp) and copied is not nlp
    assert plain(copied(*args, **kwargs)) == before == plain(nlp(*args, **kwargs))


@pytest.mark.parametrize("way", ["pickle", "deepcopy"])
@pytest.mark.parametrize("folder", ["sentiment_bert", "summarize_translate_t5"])
def test_a_copy_of_a_tensorflow_pipeline_gives_equal_results(folder, way):
    pytest.importorskip("tensorflow")
    nlp, args, kwargs = made(folder, "tf")
    before, copied = plain(nlp(*args, **kwargs)), WAYS[way](nlp)
    assert copied.model is not nlp.model
    assert plain(copied(*args, **kwargs)) == before


def test_a_deep_copy_shares_no_weights():
    nlp, args, kwargs = made("sentiment_bert")
    before, copied = nlp(*args, **kwargs), copy.deepcopy(nlp)
    for parameter in copied.model.parameters():
        parameter.data.zero_()
    assert copied(*args, **kwargs) != before == nlp(*args, **kwargs)


def test_a_process_pool_runs_a_pipeline():
    nlp, args, kwargs = made("sentiment_bert")
    texts = ["The lamp is lit.", "It isn't a crime.", *args]
    context = multiprocessing.get_context("spawn")  # a child that has nothing but what is sent to it
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        found = list(pool.map(nlp, texts))
    for ours, text in zip(found, texts, strict=True):
        (ours,), (theirs,) = ours, nlp(text)
        assert ours["label"] == theirs["label"] and ours["score"] == pytest.approx(theirs["score"], abs=1e-6)
