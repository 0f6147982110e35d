"""The token ids that the documentation (preprocessing, glossary) prints for bert-base-cased, with its vocabulary."""

from __future__ import annotations

import pytest
from tests.tokenization.golden_tokenizers import CASED_VOCABULARY

from formers import BertTokenizer, BertTokenizerFast, PreTrainedTokenizerBase


@pytest.fixture(params=[BertTokenizer, BertTokenizerFast])
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerBase:
    return request.param(str(CASED_VOCABULARY), do_lower_case=False, model_max_length=512)


def test_single_sentence(tokenizer: PreTrainedTokenizerBase) -> None:
    encoded = tokenizer("Hello, I'm a single sentence!")
    assert encoded["input_ids"] == [101, 8667, 117, 146, 112, 182, 170, 1423, 5650, 106, 102]
    assert encoded["token_type_ids"] == [0] * 11
    assert encoded["attention_mask"] == [1] * 11
    assert tokenizer.decode(encoded["input_ids"]) == "[CLS] Hello, I'm a single sentence! [SEP]"


def test_titan(tokenizer: PreTrainedTokenizerBase) -> None:
    text = "A Titan RTX has 24GB of VRAM"
    pieces = ["A", "Titan", "R", "##T", "##X", "has", "24", "##GB", "of", "V", "##RA", "##M"]
    assert tokenizer.tokenize(text) == pieces
    ids = [101, 138, 18696, 155, 1942, 3190, 1144, 1572, 13745, 1104, 159, 9664, 2107, 102]
    assert tokenizer(text)["input_ids"] == tokenizer.encode(text) == ids
    assert tokenizer.decode(ids) == "[CLS] A Titan RTX has 24GB of VRAM [SEP]"


def test_batch(tokenizer: PreTrainedTokenizerBase) -> None:
    batch = ["Hello I'm a single sentence", "And another sentence", "And the very very last one"]
    ids = [
        [101, 8667, 146, 112, 182, 170, 1423, 5650, 102],
        [101, 1262, 1330, 5650, 102],
        [101, 1262, 1103, 1304, 1304, 1314, 1141, 102],
    ]
    assert tokenizer(batch)["input_ids"] == ids
    tensors = tokenizer(batch, padding=True, truncation=True, return_tensors="np")
    assert tensors["input_ids"].tolist() == [row + [0] * (9 - len(row)) for row in ids]
    assert tensors["attention_mask"].tolist() == [[1] * len(row) + [0] * (9 - len(row)) for row in ids]


def test_pair(tokenizer: PreTrainedTokenizerBase) -> None:
    encoded = tokenizer("How old are you?", "I'm 6 years old")
    assert encoded["input_ids"] == [101, 1731, 1385, 1132, 1128, 136, 102, 146, 112, 182, 127, 1201, 1385, 102]
    assert encoded["token_type_ids"] == [0] * 7 + [1] * 7
    text = tokenizer.decode(encoded["input_ids"])
    assert text == "[CLS] How old are you? [SEP] I'm 6 years old [SEP]"


def test_attention_mask(tokenizer: PreTrainedTokenizerBase) -> None:
    texts = ["This is a short sequence.", "This is a rather long sequence. It is at least longer than the sequence A."]
    encoded = tokenizer(texts, padding=True)
    short = [101, 1188, 1110, 170, 1603, 4954, 119, 102]
    long = [101, 1188, 1110, 170, 1897, 1263, 4954, 119]
    long += [1135, 1110, 1120, 1655, 2039, 1190, 1103, 4954, 138, 119, 102]
    assert encoded["input_ids"] == [short + [0] * 11, long]
    assert encoded["attention_mask"] == [[1] * 8 + [0] * 11, [1] * 19]


def test_words(tokenizer: PreTrainedTokenizerBase) -> None:
    words = ["Hello", "I'm", "a", "single", "sentence"]
    ids = [101, 8667, 146, 112, 182, 170, 1423, 5650, 102]
    assert tokenizer(words, is_pretokenized=True)["input_ids"] == ids
    assert tokenizer(words, is_split_into_words=True)["input_ids"] == ids
