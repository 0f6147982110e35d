"""`generate()` against the recorded ids."""

import copy

import numpy as np
import pytest
import torch
from tests import tiny
from tests.golden_data import GOLDEN, read

import formers

from .frameworks import listed, parameters, without_tensorflow

FOLDERS = tiny.writers()
IN_KERAS = [cls for cls in FOLDERS if cls in tiny.twins()]
CASES = {cls: {case["name"]: case for case in read(f"generation/{cls}/cases.json")} for cls in FOLDERS}

# With an attention mask, left padding changes nothing here. The original passed GPT's models no mask, and BERT's no
# positions, so that its padded rows come out differently from the same prompts alone.
PADDED = {"GPT2LMHeadModel", "OpenAIGPTLMHeadModel", "CTRLLMHeadModel", "BertLMHeadModel"}
# The original computed NaN for a decoder that starts with padding, without a cache.
NAN = {("MarianMTModel", "greedy_no_cache")}
# The original had no Keras classes of these, which would have penalized repetition otherwise.
PYTORCH_ONLY = {(cls, "beam4_repetition_penalty") for cls in ("BartForConditionalGeneration", "MarianMTModel")}


def right_cases(classes):
    for cls in classes:
        for name, case in CASES[cls].items():
            padded = cls in PADDED and "attention_mask" in case["inputs"]
            if "out" in case and case.get("stable") is not False and not padded and (cls, name) not in NAN:
                yield cls, name


TORCH_CASES = [*right_cases(FOLDERS)]
KERAS_CASES = [case for case in right_cases(IN_KERAS) if case not in PYTORCH_ONLY]


@pytest.fixture(scope="module")
def models():
    loaded = {}

    def load(framework, cls):
        key = framework.name, cls
        if key not in loaded:
            loaded[key] = framework.load(cls, GOLDEN / "generation" / cls)
        return loaded[key]

    return load


@pytest.mark.parametrize(("framework", "case"), parameters(TORCH_CASES, KERAS_CASES))
def test_ids(framework, case, models):
    cls, name = case
    recorded = CASES[cls][name]
    expected = recorded["out"]
    if framework.name == "keras" and recorded.get("tf", "same") != "same":
        expected = recorded["tf"]["out"]
    inputs = {key: framework.tensor(value) for key, value in recorded["inputs"].items()}
    assert listed(models(framework, cls).generate(**inputs, **copy.deepcopy(recorded["kwargs"]))) == expected


@pytest.mark.parametrize(("framework", "cls"), parameters(FOLDERS, IN_KERAS))
def test_errors(framework, cls, models):
    """What the original refused is refused, with its kind of error."""
    refused = [case for name, case in CASES[cls].items() if name.startswith("error")]
    assert len(refused) == 3
    for case in refused:
        inputs = {key: framework.tensor(value) for key, value in case["inputs"].items()}
        with pytest.raises(AssertionError):
            models(framework, cls).generate(**inputs, **case["kwargs"])


FILTERING = read("generation/top_k_top_p_filtering.json")


def expected_scores(case):
    return np.array([[float(value) for value in row] for row in case["out"]])


def test_filtering():
    for case in FILTERING:
        kept = formers.top_k_top_p_filtering(torch.tensor(case["logits"]), **case["kwargs"])
        np.testing.assert_allclose(kept.numpy(), expected_scores(case), rtol=1e-6, atol=1e-6)


@without_tensorflow
def test_filtering_in_keras():
    for case in FILTERING:
        kept = formers.tf_top_k_top_p_filtering(case["logits"], **case["kwargs"])
        np.testing.assert_allclose(kept.numpy(), expected_scores(case), rtol=1e-6, atol=1e-6)
