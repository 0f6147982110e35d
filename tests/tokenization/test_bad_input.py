"""Input that is wrong or odd: a clear error or a right answer."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.tokenization.golden_tokenizers import CASED_VOCABULARY, make

from formers import BertTokenizer, BertTokenizerFast, RobertaTokenizerFast

FOLDERS = ["BertTokenizer", "BertTokenizerFast", "RobertaTokenizer", "RobertaTokenizerFast"]


@pytest.fixture(params=FOLDERS)
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return make(request.param, model_max_length=512)


@pytest.fixture(params=[BertTokenizer, BertTokenizerFast])
def bert(request: pytest.FixtureRequest) -> Any:
    return request.param(str(CASED_VOCABULARY), do_lower_case=False, model_max_length=512)


def test_nothing(tokenizer: Any) -> None:
    ends = tokenizer("")["input_ids"]
    assert len(ends) == 2
    assert tokenizer.tokenize("") == []
    assert tokenizer(["", ""], padding=True, return_tensors="np")["input_ids"].tolist() == [ends, ends]
    assert tokenizer([])["input_ids"] == []
    assert tokenizer.encode("", add_special_tokens=False) == []


def test_white_space_only(bert: Any) -> None:
    assert bert(" \n\t\u00a0 ")["input_ids"] == [101, 102]
    assert bert.tokenize("   ") == []


def test_lone_surrogates_count_as_replacement_characters(tokenizer: Any) -> None:
    for text in ("a\ud83d b", "\udc80", "x\ud800\udfffy", "\ud83d" * 3):
        clean = "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
        assert tokenizer(text)["input_ids"] == tokenizer(clean)["input_ids"]
        assert tokenizer(["one", text])["input_ids"][1] == tokenizer(clean)["input_ids"]
        assert tokenizer.tokenize(text) == tokenizer.tokenize(clean)
        if tokenizer.is_fast:
            options = {"return_offsets_mapping": True}
            assert tokenizer(text, **options)["offset_mapping"] == tokenizer(clean, **options)["offset_mapping"]


@pytest.mark.parametrize("unit", ["the quick brown fox, jumps! ", "a", "漢", " ", "."])
def test_a_million_characters(tokenizer: Any, unit: str) -> None:
    text = (unit * (1_000_000 // len(unit) + 1))[:1_000_000]
    start = time.process_time()
    ids = tokenizer(text, truncation=True)["input_ids"]
    assert time.process_time() - start < 60
    assert 2 <= len(ids) <= 512
    assert ids[-1] == tokenizer.sep_token_id


@pytest.mark.parametrize("value", [5, None, b"bytes", {"a": 1}, [5, 6], [None]])
def test_wrong_types_are_named(tokenizer: Any, value: Any) -> None:
    inner = value[0] if isinstance(value, list) else value
    with pytest.raises(AssertionError, match=type(inner).__name__):
        tokenizer(value)


def test_a_wrong_type_among_texts_is_named(tokenizer: Any) -> None:
    with pytest.raises(ValueError, match="int"):
        tokenizer(["a", 5])
    with pytest.raises((TypeError, ValueError), match="int"):
        tokenizer.tokenize(5)


def test_batches_of_pairs_must_fit(tokenizer: Any) -> None:
    with pytest.raises(ValueError, match="2 items.*3 items"):
        tokenizer(["a", "b"], ["c", "d", "e"])
    with pytest.raises(ValueError, match="str"):
        tokenizer(["a"], "b")
    with pytest.raises(ValueError, match="encode_plus"):
        tokenizer.batch_encode_plus("a")


def test_token_ids_must_be_numbers(tokenizer: Any) -> None:
    with pytest.raises(TypeError, match="list of str"):
        tokenizer.decode(["a"])


def test_labels_are_no_token_ids() -> None:
    with pytest.raises(ValueError, match="from 0 on, and these go from -100 to 101"):
        BertTokenizerFast(str(CASED_VOCABULARY)).decode([101, -100])


CHOICES = [
    ({"return_tensors": "xx"}, r"'xx' is not a valid TensorType.*\['pt', 'tf', 'np'\]"),
    ({"padding": "foo"}, "'foo' is not a valid PaddingStrategy"),
    ({"truncation": "foo"}, "'foo' is not a valid TruncationStrategy"),
    ({"max_length": -1, "truncation": True}, "max_length.*-1"),
    ({"padding": True, "truncation": True, "max_length": 9, "pad_to_multiple_of": 8}, "9.*multiple.*8"),
]


@pytest.mark.parametrize(("options", "message"), CHOICES)
def test_unknown_choices_are_named(tokenizer: Any, options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        tokenizer("a", **options)


@pytest.mark.parametrize("framework", ["np", "pt", "tf"])
def test_tensors_of_unequal_rows(tokenizer: Any, framework: str) -> None:
    with pytest.raises(ValueError, match="padding=True"):
        tokenizer(["the boat", "the old keeper paints the boat"], return_tensors=framework)


def test_padding_needs_a_token() -> None:
    tokenizer = make("GPT2TokenizerFast")
    with pytest.raises(ValueError, match="pad_token"):
        tokenizer(["a", "b c"], padding=True)
    with pytest.raises(ValueError, match="pad_token"):
        tokenizer.pad({"input_ids": [[1], [2, 3]]})


def test_truncation_that_cannot_be(bert: Any, caplog: pytest.LogCaptureFixture) -> None:
    call: Callable[[], Any] = lambda: bert("a b c d", "e f", max_length=3, truncation="only_second")  # noqa: E731
    if bert.is_fast:
        with pytest.raises(ValueError, match="only_second"):
            call()
    else:
        with caplog.at_level(logging.ERROR):
            assert len(call()["input_ids"]) == 9
        assert "only_second" in caplog.text


def test_a_stride_as_long_as_the_room() -> None:
    tokenizer = make("BertTokenizerFast")
    options = {"max_length": 4, "truncation": True, "return_overflowing_tokens": True}
    with pytest.raises(ValueError, match="stride"):
        tokenizer("the old keeper paints the boat", stride=2, **options)
    assert len(tokenizer("the old keeper paints the boat", stride=1, **options)["input_ids"]) == 5


def test_what_only_fast_tokenizers_know() -> None:
    encoded = make("BertTokenizer")("the boat")
    for call in (encoded.words, encoded.tokens, lambda: encoded.char_to_token(0)):
        with pytest.raises(ValueError, match="fast class"):
            call()
    with pytest.raises(KeyError, match="fast tokenizers"):
        encoded[0]
    with pytest.raises(NotImplementedError, match="use the fast class BertTokenizerFast"):
        make("BertTokenizer")("the boat", return_offsets_mapping=True)
    for folder in ("T5Tokenizer", "MarianTokenizer", "MBartTokenizer", "CTRLTokenizer"):
        with pytest.raises(NotImplementedError, match=f"{folder}: there is no fast class of it, so leave the argument"):
            make(folder)("the boat", return_offsets_mapping=True)


def test_only_tensors_can_be_moved() -> None:
    with pytest.raises(TypeError, match="return_tensors='pt'"):
        make("BertTokenizer")("the boat").to("cpu")


def test_special_tokens_must_be_tokens(tokenizer: Any) -> None:
    with pytest.raises(TypeError, match="cls_token.*int"):
        tokenizer.add_special_tokens({"cls_token": 5})
    with pytest.raises(AssertionError, match="nonsense_token"):
        tokenizer.add_special_tokens({"nonsense_token": "a"})
    with pytest.raises(TypeError, match="int"):
        tokenizer.add_tokens([5])


def test_missing_files(tmp_path: Path) -> None:
    for cls in (BertTokenizer, BertTokenizerFast):
        with pytest.raises(ValueError, match="Can't find a vocabulary file.*nothing"):
            cls(str(tmp_path / "nothing.txt"))
        with pytest.raises(OSError, match=r"vocab\.txt"):
            cls.from_pretrained(tmp_path)
        with pytest.raises(OSError, match="no_folder"):
            cls.from_pretrained(tmp_path / "no_folder")
    (tmp_path / "vocab.json").write_text("{}")
    with pytest.raises(OSError, match=r"vocab\.json and merges\.txt"):
        RobertaTokenizerFast.from_pretrained(tmp_path)


def test_files_of_the_wrong_kind(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(b"a\n\xff\xfe\n")
    with pytest.raises(ValueError, match="UTF-8"):
        BertTokenizer.from_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 231508\n")
    with pytest.raises(ValueError, match=r"vocab\.txt' is a git-LFS pointer, and the content of 231508 bytes"):
        BertTokenizer.from_pretrained(tmp_path)
    (tmp_path / "vocab.txt").write_text("[UNK]\n")
    (tmp_path / "tokenizer_config.json").write_text("{no json")
    with pytest.raises(ValueError, match=r"tokenizer_config\.json"):
        BertTokenizer.from_pretrained(tmp_path)
    (tmp_path / "tokenizer.json").write_text('{"model": {"type": "Unigram"}}')
    with pytest.raises(ValueError, match="'Unigram'.*'WordPiece'"):
        BertTokenizer(str(tmp_path / "tokenizer.json"))
    with pytest.raises(ValueError, match=r"tokenizer\.json"):
        BertTokenizerFast(str(tmp_path / "tokenizer.json"))
    with pytest.raises(NotADirectoryError, match=r"vocab\.txt"):
        BertTokenizer(str(CASED_VOCABULARY)).save_pretrained(tmp_path / "vocab.txt")


def test_long_inputs_are_warned_of_once_a_call(bert: Any, caplog: pytest.LogCaptureFixture) -> None:
    long = "word " * 600
    bert([long, long])
    warnings = [record for record in caplog.records if "Token indices sequence length" in record.message]
    assert len(warnings) == 1 and "602 > 512" in warnings[0].message
    caplog.clear()
    bert(long, verbose=False)
    bert(long, truncation=True)
    assert not caplog.records


def test_unknown_keywords(bert: Any, caplog: pytest.LogCaptureFixture) -> None:
    if bert.is_fast:
        with pytest.raises(ValueError, match="nonsense"):
            bert("a", nonsense=1)
    else:
        bert("a", nonsense=1)
        assert "nonsense" in caplog.text
