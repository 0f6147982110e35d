"""The quick ways through batches give what the slow ways give."""

from __future__ import annotations

import pickle
import random
from typing import Any

import numpy as np
import pytest
from tests.tokenization.golden_tokenizers import INDEX, make

from formers import BatchEncoding, BertTokenizer, PreTrainedTokenizer
from formers.tokenization.engine_tokenizer import EngineTokenizer
from formers.tokenization.engines.words import WordIds, at_spaces, before_spaces, splitting_of

ALPHABET = [*"abcdeTHE.,!?'#-_ 0189éüßΣσçñ漢字カ🚤\u0301\u00a0\u200b\u3000\t\n\x00\x1c\x85\ud800", " ", " ", "  "]
WORDS = ["the", "boat", "[MASK]", "<mask>", "</s>", "isn't", "newtok", "NEWTOK", "keeper,", "spec one", "'s", "'ll"]


def texts(count: int, seed: int) -> list[str]:
    draw = random.Random(seed)
    made = ["", " ", "  ", "a ", " a", "a  b", "a   b", "\n a", "a \nb ", "<mask> <mask>", "[MASK]boat"]
    for _ in range(count):
        parts = draw.choices([*ALPHABET, *WORDS, *[f" {word}" for word in WORDS]], k=draw.randint(1, 25))
        made.append("".join(parts))
    return made


@pytest.mark.parametrize("folder", INDEX)
@pytest.mark.parametrize("added", [False, True])
def test_words_remembered_or_not_the_ids_are_the_same(folder: str, added: bool) -> None:
    tokenizer = make(folder, model_max_length=10_000)
    if added:
        tokenizer.sanitize_special_tokens()
        tokenizer.add_tokens(["newtok"])
        tokenizer.add_special_tokens({"additional_special_tokens": ["spec one"]})
    batch = texts(300, seed=len(folder))
    for _ in range(2):  # words new, words known
        quick = tokenizer(batch)["input_ids"]
        if isinstance(tokenizer, PreTrainedTokenizer):
            bare = PreTrainedTokenizer._encode_texts(tokenizer, batch, {})
            assert quick == [tokenizer.build_inputs_with_special_tokens(ids) for ids in bare]
        else:
            assert quick == tokenizer(batch, return_offsets_mapping=True)["input_ids"]
        assert quick == [tokenizer(text)["input_ids"] for text in batch]


@pytest.mark.parametrize("folder", [name for name in INDEX if "Fast" in name])
def test_encodings_asked_for_later_fit_the_data(folder: str) -> None:
    tokenizer = make(folder)
    if tokenizer._pad_token is None:
        tokenizer.add_special_tokens({"pad_token": "<|endoftext|>"})
    batch = texts(40, seed=3)
    for options in (
        {},
        {"padding": True},
        {"truncation": True, "max_length": 7},
        {"padding": "max_length", "truncation": True, "max_length": 9},
        {"padding": True, "pad_to_multiple_of": 8, "add_special_tokens": False},
    ):
        for second in (None, batch[::-1]):
            for side in ("right", "left"):
                tokenizer.padding_side = side
                options = {**options, "return_special_tokens_mask": True, "return_token_type_ids": True}
                encoded = tokenizer(batch, second, **options)
                assert [one.ids for one in encoded.encodings] == encoded["input_ids"]
                assert [one.special_tokens_mask for one in encoded.encodings] == encoded["special_tokens_mask"]
                assert [one.attention_mask for one in encoded.encodings] == encoded["attention_mask"]
                read_out = tokenizer(batch, second, return_offsets_mapping=True, **options)
                assert {name: read_out[name] for name in encoded} == dict(encoded)


@pytest.mark.parametrize("folder", ["BertTokenizer", "BertTokenizerFast", "RobertaTokenizerFast"])
@pytest.mark.parametrize("side", ["right", "left"])
def test_tensors_hold_what_lists_hold(folder: str, side: str) -> None:
    tokenizer = make(folder, padding_side=side)
    batch = texts(30, seed=5)
    for options in (
        {"padding": True},
        {"padding": "max_length", "truncation": True},
        {"padding": True, "pad_to_multiple_of": 8, "return_special_tokens_mask": True, "return_length": True},
    ):
        for second in (None, batch[::-1]):
            lists = tokenizer(batch, second, **options)
            for kind in ("np", "pt", "tf"):
                tensors = tokenizer(batch, second, return_tensors=kind, **options)
                assert list(tensors) == list(lists)
                for name, rows in lists.items():
                    # A tensor has two axes: the lengths of a batch are one row.
                    assert np.asarray(tensors[name]).tolist() == ([rows] if name == "length" else rows), name


def test_pad_makes_one_length_of_single_encodings() -> None:
    tokenizer = make("BertTokenizerFast")
    batch = ["The lamp is lit.", "It isn't a crime, says the postman."]
    expected = tokenizer(batch, padding=True, return_tensors="np")
    single = [tokenizer(text) for text in batch]
    for given in (single, [one.data for one in single], tokenizer(batch)):
        padded = tokenizer.pad(given, return_tensors="np")
        for name in expected:
            assert padded[name].tolist() == expected[name].tolist()
    # A mask that is there is kept, not computed again.
    given = [{"input_ids": [5, 6], "attention_mask": [1, 0]}, {"input_ids": [7, 8, 9], "attention_mask": [1, 1, 1]}]
    assert tokenizer.pad(given)["attention_mask"] == [[1, 0, 0], [1, 1, 1]]
    assert tokenizer.pad({"input_ids": [5, 6]}, padding="max_length", max_length=4)["input_ids"] == [5, 6, 0, 0]


def test_pairs_know_their_sequence() -> None:
    encoded = make("BertTokenizerFast")("the boat", "who lit it", return_offsets_mapping=True)
    assert encoded.sequence_ids() == [None, 0, 0, None, 1, 1, 1, 1, None]
    assert encoded.word_ids() == [None, 0, 1, None, 0, 1, 1, 2, None]
    assert encoded.char_to_token(0, 4) == 2
    assert encoded.char_to_token(0, 4, sequence_index=1) == 5
    assert tuple(encoded.word_to_tokens(0, 1, sequence_index=1)) == (5, 7)
    assert encoded["offset_mapping"][4:8] == [(0, 3), (4, 5), (5, 7), (8, 10)]


def test_a_batch_encoding_is_a_dictionary_with_attributes() -> None:
    tokenizer = make("BertTokenizerFast")
    encoded = tokenizer(["the boat", "the old keeper"], padding=True, return_tensors="pt")
    assert isinstance(encoded, BatchEncoding) and dict(**encoded).keys() == encoded.keys()
    assert encoded.input_ids is encoded["input_ids"]
    assert encoded.is_fast and encoded[1].tokens == encoded.tokens(1)
    assert encoded.to("cpu")["input_ids"].device.type == "cpu"
    again = pickle.loads(pickle.dumps(encoded))
    assert again["input_ids"].tolist() == encoded["input_ids"].tolist()
    assert again.tokens(1) == encoded.tokens(1)
    with pytest.raises(AttributeError, match="nonsense"):
        encoded.nonsense  # noqa: B018


def test_pieces_of_a_text_are_the_text() -> None:
    for text in texts(200, seed=9):
        assert " ".join(at_spaces(text)) == text
        pieces = before_spaces(text)
        assert pieces is None or "".join(pieces) == text


def test_the_memory_of_words_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("formers.tokenization.engines.words._ENTRIES", 50)
    seen: list[int] = []

    def encode(batch: list[str]) -> list[list[int]]:
        seen.append(len(batch))
        return [[len(text)] for text in batch]

    words = WordIds(encode, at_spaces)
    for start in range(0, 290, 10):
        batch = [" ".join(f"w{i}" for i in range(start, start + 10))]
        assert words(batch) == [[len(f"w{i}") for i in range(start, start + 10)]]
        assert len(words._known) <= 60
    assert seen == [10] * 29
    words(["w289 w289 w288"])
    assert seen == [10] * 29


def test_only_engines_that_are_known_are_cut() -> None:
    assert splitting_of(make("BertTokenizerFast")._bare_engine()) is at_spaces
    assert splitting_of(make("GPT2TokenizerFast")._bare_engine()) is before_spaces
    # The mask of RoBERTa takes the space before it, and a prefix space is put before each piece.
    assert splitting_of(make("RobertaTokenizerFast")._bare_engine()) is None
    assert splitting_of(make("GPT2TokenizerFast@padded")._bare_engine()) is None
    assert issubclass(BertTokenizer, EngineTokenizer)


QUESTIONS, ANSWERS = ["the boat?", "isn't it the lighthouse keeper?"], ["the boat isn't red.", "it is."]


@pytest.mark.parametrize("folder", INDEX)
@pytest.mark.parametrize("pair", [tuple, list])
def test_a_call_takes_pairs(folder: str, pair: type) -> None:
    tokenizer = make(folder)
    pairs = [pair(both) for both in zip(QUESTIONS, ANSWERS, strict=True)]
    expected = tokenizer(QUESTIONS, ANSWERS)
    assert tokenizer(pairs).data == tokenizer(pair(pairs)).data == tokenizer.batch_encode_plus(pairs).data
    assert tokenizer(pairs).data == expected.data
    short = {"max_length": 8, "truncation": True}
    assert tokenizer(pairs, **short).data == tokenizer(QUESTIONS, ANSWERS, **short).data
    mixed = tokenizer([QUESTIONS[0], pairs[1]])["input_ids"]
    assert mixed == [tokenizer(QUESTIONS[0])["input_ids"], expected["input_ids"][1]]


@pytest.mark.parametrize("folder", ["BertTokenizer", "BertTokenizerFast"])
def test_a_call_takes_pairs_split_into_words(folder: str) -> None:
    tokenizer = make(folder)
    firsts, seconds = [[text.split() for text in texts] for texts in (QUESTIONS, ANSWERS)]
    expected = tokenizer(firsts, seconds, is_pretokenized=True)
    assert tokenizer(list(zip(firsts, seconds, strict=True)), is_pretokenized=True).data == expected.data
    with pytest.raises(ValueError, match=r"item 1 of the batch has 3 parts \(tuple of list\): expected a pair"):
        tokenizer([firsts[0], (firsts[0], firsts[1], seconds[0])], is_pretokenized=True)


@pytest.mark.parametrize("folder", INDEX)
@pytest.mark.parametrize("wrong", [("a", "b", "c"), ["a"]])
def test_neither_a_text_nor_a_pair_is_named(folder: str, wrong: Any) -> None:
    tokenizer = make(folder)
    for encode in (tokenizer, tokenizer.batch_encode_plus):
        with pytest.raises(ValueError, match=f"item 1 of the batch has {len(wrong)} parts .* expected a pair of two"):
            encode(["a", wrong])
