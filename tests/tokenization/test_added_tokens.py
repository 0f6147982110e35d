"""Added tokens: many of them, their options, and special tokens that get a role later."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any

import pytest
from tests.tokenization.golden_tokenizers import CASED_VOCABULARY, make

from formers import AddedToken, BertTokenizer, BertTokenizerFast, PreTrainedTokenizerFast, RobertaTokenizerFast

BOTH = pytest.mark.parametrize("bert", [BertTokenizer, BertTokenizerFast])
FAST = ["BertTokenizerFast", "BertTokenizerFast@cased", "RobertaTokenizerFast", "GPT2TokenizerFast"]


@BOTH
def test_ten_thousand_added_tokens_take_a_moment(bert: Any, tmp_path: Path) -> None:
    shutil.copy(CASED_VOCABULARY, tmp_path / "vocab.txt")
    ids = {f"word{i}x": 28996 + i for i in range(10_000)}
    (tmp_path / "added_tokens.json").write_text(json.dumps(ids))
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": False}))
    start = time.process_time()
    tokenizer = bert.from_pretrained(tmp_path)
    expected = [101, 28996 + 77, 18696, 28996 + 9999, 102]
    assert tokenizer("word77x Titan word9999x")["input_ids"] == expected
    assert tokenizer.add_tokens([f"later{i}" for i in range(10_000)]) == 10_000
    assert tokenizer.encode("word77x Titan later5")[1:-1] == [28996 + 77, 18696, 28996 + 10_005]
    tokenizer.save_pretrained(tmp_path / "saved")
    assert len(bert.from_pretrained(tmp_path / "saved")) == 28996 + 20_000
    assert time.process_time() - start < 5


OPTIONS: dict[str, dict[str, Any]] = {
    "plainx": {},
    "leftx": {"lstrip": True},
    "rightx": {"rstrip": True},
    "alonex": {"single_word": True},
    "Rawx": {"normalized": False},
}
TEXT = "a plainx b leftx c rightx d alonex e alonexy Rawx f rawx  leftxplainx"


@pytest.mark.parametrize("folder", FAST)
@pytest.mark.parametrize("form", ["saved", "tokenizer.json"])
def test_options_of_added_tokens_come_back(folder: str, form: str, tmp_path: Path) -> None:
    tokenizer = make(folder, model_max_length=512)
    tokenizer.sanitize_special_tokens()
    tokenizer.add_tokens([AddedToken(text, **options) for text, options in OPTIONS.items()])
    tokenizer.add_tokens([AddedToken("Markedx", rstrip=True, normalized=False)], special_tokens=True)
    tokenizer.save_pretrained(tmp_path)
    cls: Any = type(tokenizer)
    if form == "tokenizer.json":
        cls = PreTrainedTokenizerFast
        for file in tmp_path.iterdir():
            if file.name not in ("tokenizer.json", "added_tokens.json"):
                file.unlink()
    for _ in range(2):
        again = cls.from_pretrained(tmp_path)
        for text in (TEXT, "x Markedx  y"):
            one, other = (each(text, return_offsets_mapping=True) for each in (tokenizer, again))
            assert (one["input_ids"], one["offset_mapping"]) == (other["input_ids"], other["offset_mapping"])
        ids = again.encode("a Markedx b")
        assert again.decode(ids, skip_special_tokens=True) == tokenizer.decode(ids, skip_special_tokens=True)
        assert "Markedx" not in again.decode(ids, skip_special_tokens=True)
        again.save_pretrained(tmp_path)


def test_tokens_of_the_vocabulary_stay_whole_after_loading(tmp_path: Path) -> None:
    tokenizer = BertTokenizerFast(str(CASED_VOCABULARY), do_lower_case=False)
    tokenizer.add_tokens([AddedToken("Titan", single_word=True)])
    tokenizer.add_tokens([AddedToken("##GB", normalized=False)])
    expected = tokenizer.tokenize("Titan Titanic 24##GB")
    assert expected[-2:] == ["24", "##GB"]
    tokenizer.save_pretrained(tmp_path)
    assert BertTokenizerFast.from_pretrained(tmp_path).tokenize("Titan Titanic 24##GB") == expected


def test_special_tokens_maps_name_special_tokens_alone(tmp_path: Path) -> None:
    shutil.copy(CASED_VOCABULARY, tmp_path / "vocab.txt")
    (tmp_path / "secret.txt").write_text("[UNK]\nsecret\n")
    table = {"cls_token": "[CLS]", "vocab_file": str(tmp_path / "secret.txt"), "tokenizer": "x", "decoder": "x"}
    (tmp_path / "special_tokens_map.json").write_text(json.dumps(table))
    for cls in (BertTokenizer, BertTokenizerFast):
        tokenizer = cls.from_pretrained(tmp_path)
        assert tokenizer.vocab_size == 28996
        assert tokenizer.decode(tokenizer.encode("Titan"), skip_special_tokens=True) == "titan"


@BOTH
def test_a_special_token_that_is_set_counts_at_once(bert: Any, tmp_path: Path) -> None:
    tokenizer = bert(str(CASED_VOCABULARY), do_lower_case=False)
    assert tokenizer.encode("Titan", "Titan") == [101, 18696, 102, 18696, 102]
    tokenizer.cls_token = "[MASK]"
    tokenizer.sep_token = AddedToken("the")
    assert tokenizer.encode("Titan", "Titan") == [103, 18696, 1103, 18696, 1103]
    assert tokenizer(["Titan"], return_special_tokens_mask=True)["special_tokens_mask"] == [[1, 0, 1]]
    tokenizer.save_pretrained(tmp_path)
    assert bert.from_pretrained(tmp_path).encode("Titan") == [103, 18696, 1103]
    tokenizer.cls_token = "[NEW]"
    tokenizer.add_tokens(["[NEW]"], special_tokens=True)
    assert tokenizer.encode("Titan") == [28996, 18696, 1103]
    tokenizer.save_pretrained(tmp_path)
    assert bert.from_pretrained(tmp_path).encode("Titan") == [28996, 18696, 1103]


def test_a_special_token_of_roberta_that_is_set_counts_at_once() -> None:
    tokenizer: RobertaTokenizerFast = make("RobertaTokenizerFast")
    before = tokenizer("the boat", "the boat", return_offsets_mapping=True)
    tokenizer.cls_token = "<mask>"
    after = tokenizer("the boat", "the boat", return_offsets_mapping=True)
    assert after["input_ids"] == [tokenizer.mask_token_id, *before["input_ids"][1:]]
    assert after["offset_mapping"] == before["offset_mapping"]


@BOTH
@pytest.mark.parametrize("first", ["[PAD]", "\ufeff"])
def test_a_vocabulary_with_a_byte_order_mark(bert: Any, first: str, tmp_path: Path) -> None:
    mark = "" if first == "\ufeff" else "\ufeff"
    lines = [first, "[UNK]", "[CLS]", "[SEP]", "[MASK]", "boat"]
    (tmp_path / "vocab.txt").write_text(mark + "\n".join(lines) + "\n", encoding="utf-8")
    tokenizer = bert(str(tmp_path / "vocab.txt"))
    assert tokenizer.convert_tokens_to_ids(lines) == list(range(6))
    assert tokenizer.encode("boat") == [2, 5, 3]


def test_byte_pairs_with_a_byte_order_mark(tmp_path: Path) -> None:
    original = make("GPT2Tokenizer")
    for path in original.save_vocabulary(str(tmp_path)):
        Path(path).write_text("\ufeff" + Path(path).read_text(encoding="utf-8"), encoding="utf-8")
    again = type(original).from_pretrained(tmp_path)
    assert again.encode("The old boat.") == original.encode("The old boat.")
