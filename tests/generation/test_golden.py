"""`generate()` against the recorded ids."""
import copy

import pytest
import torch
from tests.golden_data import GOLDEN, read

import formers

FOLDERS = [row["cls"] for row in read("generation/index.json")]

# With an attention mask, left padding changes nothing here. The original passed GPT's models no mask, and BERT's no
# positions, so that its padded rows come out differently from the same prompts alone.
PADDED = {"GPT2LMHeadModel", "OpenAIGPTLMHeadModel", "CTRLLMHeadModel", "BertLMHeadModel"}
# The original computed NaN for a decoder that starts with padding, without a cache.
NAN = {("MarianMTModel", "greedy_no_cache")}


def is_right(cls, case):
    padded = cls in PADDED and "attention_mask" in case["inputs"]
    return "out" in case and case.get("stable") is not False and not padded and (cls, case["name"]) not in NAN


CASES = [
    (cls, case["name"]) for cls in FOLDERS for case in read(f"generation/{cls}/cases.json") if is_right(cls, case)
]


@pytest.fixture(scope="module")
def models():
    loaded = {}

    def load(cls):
        if cls not in loaded:
            loaded[cls] = getattr(formers, cls).from_pretrained(GOLDEN / "generation" / cls)
        return loaded[cls]

    return load


@pytest.mark.parametrize(("cls", "name"), CASES)
def test_ids(cls, name, models):
    (case,) = [case for case in read(f"generation/{cls}/cases.json") if case["name"] == name]
    inputs = {key: torch.tensor(value) for key, value in case["inputs"].items()}
    assert models(cls).generate(**inputs, **copy.deepcopy(case["kwargs"])).tolist() == case["out"]


@pytest.mark.parametrize("cls", FOLDERS)
def test_errors(cls, models):
    """What the original refused is refused, with its kind of error."""
    refused = [case for case in read(f"generation/{cls}/cases.json") if case["name"].startswith("error")]
    assert len(refused) == 3
    for case in refused:
        inputs = {key: torch.tensor(value) for key, value in case["inputs"].items()}
        with pytest.raises(AssertionError):
            models(cls).generate(**inputs, **case["kwargs"])


def test_filtering():
    for case in read("generation/top_k_top_p_filtering.json"):
        kept = formers.top_k_top_p_filtering(torch.tensor(case["logits"]), **case["kwargs"])
        expected = torch.tensor([[float(value) for value in row] for row in case["out"]])
        torch.testing.assert_close(kept, expected, rtol=1e-6, atol=1e-6)
