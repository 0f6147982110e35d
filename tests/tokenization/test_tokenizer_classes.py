"""What tokenizers can do besides the recorded calls: saving, pickling, adding tokens, subclassing."""

from __future__ import annotations

import copy
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.tokenization.golden_tokenizers import CASED_VOCABULARY, INDEX, make

from formers import (
    AddedToken,
    BasicTokenizer,
    BertTokenizer,
    BertTokenizerFast,
    GPT2Tokenizer,
    PreTrainedTokenizer,
    PreTrainedTokenizerFast,
    RobertaTokenizer,
    WordpieceTokenizer,
)

BOTH = pytest.mark.parametrize("bert", [BertTokenizer, BertTokenizerFast])
TEXTS = ["The old keeper paints the wooden boat.", "", "Crème brûlée [MASK] <mask> 我喜欢!", "a  b\tc\nd"]


def write_vocabulary(folder: Path) -> Path:
    pieces = ["[UNK]", "[CLS]", "[SEP]", "want", "##want", "##ed", "wa", "un", "runn", "##ing", ",", "low", "lowest"]
    (folder / "vocab.txt").write_text("\n".join(pieces) + "\n")
    return folder


@pytest.mark.parametrize("folder", INDEX)
def test_copies_encode_alike(folder: str) -> None:
    tokenizer = make(folder, model_max_length=512)
    expected = tokenizer(TEXTS)["input_ids"]
    for other in (pickle.loads(pickle.dumps(tokenizer)), copy.deepcopy(tokenizer)):
        assert other(TEXTS)["input_ids"] == expected
        other.add_tokens(["keeper"])
        assert tokenizer(TEXTS)["input_ids"] == expected


@pytest.mark.parametrize("folder", INDEX)
def test_saved_options_come_back(folder: str, tmp_path: Path) -> None:
    tokenizer = make(folder, padding_side="left", model_max_length=77)
    tokenizer.sanitize_special_tokens()  # which loading does
    tokenizer.save_pretrained(tmp_path)
    again = type(tokenizer).from_pretrained(tmp_path)
    assert again(TEXTS)["input_ids"] == tokenizer(TEXTS)["input_ids"]
    assert (again.padding_side, again.model_max_length) == ("left", 77)
    assert again.get_vocab() == tokenizer.get_vocab()
    assert again.special_tokens_map == tokenizer.special_tokens_map


@BOTH
@pytest.mark.parametrize("options", [{}, {"do_lower_case": True}, {"do_lower_case": False}])
@pytest.mark.parametrize("folder", ["saved", "bert-base-cased", "bert-base-uncased"])
def test_the_case_of_letters_is_not_forgotten(
    bert: Any, options: dict[str, bool], folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    vocabulary = write_vocabulary(tmp_path) / "vocab.txt"
    for tokenizer in (bert(str(vocabulary), **options), bert.from_pretrained(tmp_path, **options)):
        tokenizer.add_tokens(["Big Word", "harbour"])
        tokenizer.save_pretrained(folder)
        again = bert.from_pretrained(folder)
        again.save_pretrained("again")
        for other in (again, bert.from_pretrained("again")):
            assert other.do_lower_case == options.get("do_lower_case", True)
            assert other.tokenize("Low LOW Big Word HARBOUR") == tokenizer.tokenize("Low LOW Big Word HARBOUR")


def test_a_folder_without_arguments_takes_those_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, lower in (("bert-base-cased", False), ("bert-base-uncased", True)):
        Path(name).mkdir()
        write_vocabulary(Path(name))
        assert BertTokenizer.from_pretrained(name).do_lower_case is lower


@BOTH
def test_special_tokens_that_the_vocabulary_lacks_are_added_on_loading(bert: Any, tmp_path: Path) -> None:
    tokenizer = bert.from_pretrained(write_vocabulary(tmp_path), random_argument=True)
    assert (tokenizer.vocab_size, len(tokenizer), tokenizer.pad_token_id, tokenizer.mask_token_id) == (13, 15, 13, 14)
    assert tokenizer.init_kwargs["random_argument"] is True
    assert tokenizer.encode("UNwantéd,running") == [1, 7, 4, 5, 10, 8, 9, 2]
    assert sorted(tokenizer.get_vocab().values()) == list(range(15))


@BOTH
def test_tokens_can_take_new_roles(bert: Any, tmp_path: Path) -> None:
    tokenizer = bert.from_pretrained(write_vocabulary(tmp_path))
    assert tokenizer.add_tokens(["aaaaa bbbbbb", "ccccdddd"]) == 2
    assert tokenizer.add_special_tokens({"eos_token": ">>>>|||<||<<|<<", "pad_token": "<<<<<|||>|>>>>|>"}) == 2
    ids = tokenizer.encode(">>>>|||<||<<|<< aaaaa bbbbbb low ccccdddd <<<<<|||>|>>>>|> l", add_special_tokens=False)
    assert ids == [17, 15, 11, 16, 18, 0]
    assert (tokenizer.eos_token_id, tokenizer.pad_token_id) == (17, 18)
    tokenizer.add_special_tokens({"additional_special_tokens": [AddedToken("new", lstrip=True), "other"]})
    tokenizer.save_pretrained(tmp_path / "saved")
    again = bert.from_pretrained(tmp_path / "saved")
    assert again.additional_special_tokens == ["new", "other"]
    assert again.get_vocab() == tokenizer.get_vocab()
    assert again.encode("low new low") == tokenizer.encode("low new low")
    assert again.decode(again.encode("low new lowest"), skip_special_tokens=True) == "low lowest"


def test_added_tokens_are_made_lower_case_with_a_lower_case_model(tmp_path: Path) -> None:
    folder = write_vocabulary(tmp_path)
    new = ["aaaaa bbbbbb", "ccccdddd", "AAAAA BBBBBB", "CCCCDDDD"]
    lower = BertTokenizer.from_pretrained(folder, do_lower_case=True)
    assert lower.add_tokens(new) == 2
    assert lower.tokenize("[SEP] AAAAA bbbbbb low CCCCdddd [SEP]") == ["[SEP]", *new[:1], "low", *new[1:2], "[SEP]"]
    upper = BertTokenizer.from_pretrained(folder, do_lower_case=False)
    assert upper.add_tokens(new) == 4


def test_added_tokens_that_normalization_changes_are_not_found_by_the_fast_class(tmp_path: Path) -> None:
    tokenizer = make("BertTokenizerFast")
    plain = tokenizer.tokenize("near Big Word, big word \u00c9t\u00e9 ete")
    names = ["Big Word", "\u00c9t\u00e9", "harbourx"]
    assert tokenizer.add_tokens(names) == 3
    ids = tokenizer.convert_tokens_to_ids(names)
    assert ids == list(range(tokenizer.vocab_size, len(tokenizer)))
    assert [tokenizer.decode([index]) for index in ids] == tokenizer.convert_ids_to_tokens(ids) == names
    tokenizer.save_pretrained(tmp_path)
    for one in (tokenizer, pickle.loads(pickle.dumps(tokenizer)), BertTokenizerFast.from_pretrained(tmp_path)):
        assert one.tokenize("near Big Word, big word \u00c9t\u00e9 ete") == plain
        found = one("Big Word near Harbourx", return_offsets_mapping=True, add_special_tokens=False)
        assert found["input_ids"] == one.encode("Big Word near Harbourx", add_special_tokens=False)
        assert (found["input_ids"][-1], found["offset_mapping"][-1]) == (ids[2], (14, 22))
        assert one.tokenize("near", "harbourx", add_special_tokens=True)[-2:] == ["harbourx", "[SEP]"]


def test_added_tokens_that_are_not_normalized_are_found_as_they_are() -> None:
    tokenizer = make("BertTokenizerFast")
    tokenizer.add_tokens(["Big Word", AddedToken("Kept", normalized=False)])
    tokenizer.add_special_tokens({"additional_special_tokens": ["Big Word", "<A>"]})
    assert tokenizer.tokenize("near Big Word Kept<A>") == ["near", "Big Word", "Kept", "<A>"]
    assert {"Big Word", "Kept", "<A>"}.isdisjoint(tokenizer.tokenize("near big word kept<a>"))


@pytest.mark.parametrize("cls", [BertTokenizer, BertTokenizerFast, PreTrainedTokenizerFast])
def test_tokenizer_json_alone_is_enough(cls: Any, tmp_path: Path) -> None:
    original = BertTokenizerFast(str(CASED_VOCABULARY), do_lower_case=False)
    original.save_pretrained(tmp_path)
    (tmp_path / "vocab.txt").unlink()
    again = cls.from_pretrained(tmp_path)
    text = "Hello, I'm a Crème brûlée 24GB"
    assert again.encode(text) == original.encode(text)
    again.save_pretrained(tmp_path / "again")
    assert cls.from_pretrained(tmp_path / "again").encode(text) == original.encode(text)


def test_byte_level_tokenizer_json_alone_is_enough(tmp_path: Path) -> None:
    original = make("RobertaTokenizerFast")
    original.save_pretrained(tmp_path)
    for file in ("vocab.json", "merges.txt"):
        (tmp_path / file).unlink()
    for cls in (RobertaTokenizer, type(original)):
        assert cls.from_pretrained(tmp_path).encode(TEXTS[0]) == original.encode(TEXTS[0])


def test_a_single_vocabulary_file_can_be_loaded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = write_vocabulary(tmp_path) / "vocab.txt"
    assert BertTokenizer.from_pretrained(path).vocab_size == 13
    assert "deprecated" in caplog.text
    with pytest.raises(ValueError, match=r"vocab\.json, merges\.txt"):
        RobertaTokenizer.from_pretrained(path)


def test_configuration_files_name_no_other_files(tmp_path: Path) -> None:
    write_vocabulary(tmp_path)
    secret = tmp_path / "secret.txt"
    secret.write_text("secret\n")
    config = {"vocab_file": str(secret), "tokenizer_file": str(secret), "model_max_length": 9, "auto_map": {"a": "b"}}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    tokenizer = BertTokenizer.from_pretrained(tmp_path)
    assert "secret" not in tokenizer.get_vocab()
    assert tokenizer.model_max_length == 9
    assert "auto_map" not in tokenizer.init_kwargs


def test_files_of_later_libraries_are_understood(tmp_path: Path) -> None:
    shutil.copy(CASED_VOCABULARY, tmp_path / "vocab.txt")
    config = {
        "added_tokens_decoder": {"0": {"content": "[PAD]"}, "28996": {"content": "[NEW]", "special": True}},
        "additional_special_tokens": ["[NEW]"],
        "mask_token": {"__type": "AddedToken", "content": "[MASK]", "lstrip": True},
        "do_lower_case": False,
        "model_max_length": 1000000000000000019884624838656,
        "tokenizer_class": "BertTokenizer",
    }
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config))
    for cls in (BertTokenizer, BertTokenizerFast):
        tokenizer = cls.from_pretrained(tmp_path)
        assert len(tokenizer) == 28997
        assert tokenizer.encode("Titan [NEW][MASK]") == [101, 18696, 28996, 103, 102]


def test_every_known_name_has_all_its_entries() -> None:
    for name in {row["cls"] for row in INDEX.values()}:
        cls = getattr(__import__("formers"), name)
        for addresses in cls.pretrained_vocab_files_map.values():
            assert list(addresses) == list(cls.max_model_input_sizes)


class Letters(PreTrainedTokenizer):
    """A tokenizer as users write it, in Python alone."""

    vocab_files_names = {"vocab_file": "letters.json"}

    def __init__(self, vocab_file: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.letters = json.loads(Path(vocab_file).read_text())

    @property
    def vocab_size(self) -> int:
        return len(self.letters)

    def get_vocab(self) -> dict[str, int]:
        return {**{letter: i for i, letter in enumerate(self.letters)}, **self.added_tokens_encoder}

    def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
        return list(text)

    def _convert_token_to_id(self, token: str) -> int:
        return self.letters.index(token) if token in self.letters else 1

    def _convert_id_to_token(self, index: int) -> str:
        return self.letters[index]

    def save_vocabulary(self, save_directory: str) -> tuple[str]:
        path = Path(save_directory) / "letters.json"
        path.write_text(json.dumps(self.letters))
        return (str(path),)

    def build_inputs_with_special_tokens(self, token_ids_0: Any, token_ids_1: Any = None) -> Any:
        # Depends on the sequence itself.
        return token_ids_0 + [0] * (len(token_ids_0) % 2) + (token_ids_1 or [])


def test_a_tokenizer_in_python_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.json").write_text(json.dumps(["<pad>", "<unk>", *"abcdefgh "]))
    tokenizer = Letters.from_pretrained(tmp_path, unk_token="<unk>", pad_token="<pad>", model_max_length=6)
    assert tokenizer("abx<pad>")["input_ids"] == [2, 3, 1, 0]
    batch = tokenizer(["abc", "abcdefgh", "a"], padding=True, truncation=True, return_tensors="np")
    assert batch["input_ids"].tolist() == [[2, 3, 4, 0, 0, 0], [2, 3, 4, 5, 6, 7], [2, 0, 0, 0, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1, 1, 0, 0], [1] * 6, [1, 1, 0, 0, 0, 0]]
    tokenizer.add_tokens(["zz"])
    tokenizer.save_pretrained(tmp_path / "saved")
    again = Letters.from_pretrained(tmp_path / "saved")
    assert again.tokenize("azzb") == ["a", "zz", "b"]
    assert again.decode(again.encode("azzb")) == "a zz b <pad>"


def test_a_subclass_that_cuts_otherwise() -> None:
    class Reversed(BertTokenizer):
        def _tokenize(self, text: str, **kwargs: Any) -> list[str]:
            return super()._tokenize(text)[::-1]

    tokenizer = Reversed(str(CASED_VOCABULARY), do_lower_case=False)
    assert tokenizer.tokenize("A Titan") == ["Titan", "A"]
    assert tokenizer(["A Titan"])["input_ids"] == [[101, 18696, 138, 102]]


def test_basic_tokenizer() -> None:
    basic = BasicTokenizer(do_lower_case=True)
    assert basic.tokenize("ah\u535a\u63a8zz") == ["ah", "\u535a", "\u63a8", "zz"]
    assert basic.tokenize(" \tHeLLo!how  \n Are yoU?  ") == ["hello", "!", "how", "are", "you", "?"]
    assert basic.tokenize("H\u00e9llo") == ["hello"]
    cased = BasicTokenizer(do_lower_case=False, never_split=["[UNK]"])
    assert cased.tokenize(" \tHeLLo!how  \n Are yoU? [UNK]") == ["HeLLo", "!", "how", "Are", "yoU", "?", "[UNK]"]
    assert cased.tokenize("a[b] c.d", never_split=["c.d"]) == ["a", "[", "b", "]", "c.d"]


def test_wordpiece_tokenizer() -> None:
    pieces = ["[UNK]", "[CLS]", "[SEP]", "want", "##want", "##ed", "wa", "un", "runn", "##ing"]
    wordpiece = WordpieceTokenizer({piece: i for i, piece in enumerate(pieces)}, "[UNK]")
    assert wordpiece.tokenize("") == []
    assert wordpiece.tokenize("unwanted running") == ["un", "##want", "##ed", "runn", "##ing"]
    assert wordpiece.tokenize("unwantedX running") == ["[UNK]", "runn", "##ing"]
    assert WordpieceTokenizer({"a": 0}, "[UNK]").tokenize("a b") == ["a", "[UNK]"]


def test_byte_pairs_with_a_vocabulary_that_lacks_letters(tmp_path: Path) -> None:
    tokens = ["l", "o", "w", "e", "r", "s", "t", "i", "d", "n", "Ġ", "Ġl", "Ġn", "Ġlo", "Ġlow", "er", "<unk>"]
    (tmp_path / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (tmp_path / "merges.txt").write_text("#version: 0.2\nĠ l\nĠl o\nĠlo w\ne r\nx y\n")
    files = (str(tmp_path / "vocab.json"), str(tmp_path / "merges.txt"))
    tokenizer = GPT2Tokenizer(*files, unk_token="<unk>")
    assert tokenizer.tokenize("lower newer") == ["l", "o", "w", "er", "Ġ", "n", "e", "w", "er"]
    assert tokenizer.tokenize("lower newer", add_prefix_space=True)[:2] == ["Ġlow", "er"]
    assert tokenizer.tokenize("xyz") == ["xy", "z"]
    assert tokenizer.encode("low xy") == [0, 1, 2, 10, 16]
    assert tokenizer.bpe("Ġlower") == "Ġlow er"


def test_the_mask_takes_the_space_before_it() -> None:
    tokenizer = make("RobertaTokenizer")
    tokenizer.sanitize_special_tokens()
    spaced, tight = (tokenizer.encode(f"the{gap}<mask> boat") for gap in (" ", ""))
    assert spaced == tight
    assert tokenizer.tokenize("the <mask> boat")[2:4] == ["<mask>", "Ġb"]


def test_fast_wordpieces_are_decoded_with_the_contractions_of_the_engine() -> None:
    text = "it does not rain , they do not go . I 'm not here"
    slow, fast = make("BertTokenizer@cased"), make("BertTokenizerFast@cased")
    ids = fast.encode(text, add_special_tokens=False)
    assert slow.decode(ids) == "it does not rain, they do not go. I'm not here"
    for clean in (True, False):
        decoded = fast.decode(ids, clean_up_tokenization_spaces=clean)
        assert decoded == "it does not rain, they don't go. I'm not here"


def test_what_ctrl_takes_for_white_space() -> None:
    tokenizer = make("CTRLTokenizer")
    assert tokenizer.tokenize("d\x0be\x1ff") == ["d", "e@@", "\x1f@@", "f"]
    assert tokenizer.tokenize("d\x85e\u2003f") == ["d", "e", "f"]
    for separator in "\x1c\x1d\x1e\x1f":
        assert tokenizer.tokenize(f"d {separator} e") == ["d", separator, "e"]
        ids = tokenizer.convert_tokens_to_ids(["d@@", separator + "@@", "e"])
        assert tokenizer([f"d{separator}e"])["input_ids"] == [ids]


def test_deprecated_arguments_are_noticed_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("formers.tokenization.inputs.options._noticed", set())
    for folder in ("BertTokenizer", "BertTokenizerFast"):
        tokenizer = make(folder)
        for _ in range(3):
            padded = tokenizer(["a", "a b c d e f"], pad_to_max_length=True, truncation_strategy="only_first")
            assert {len(row) for row in padded["input_ids"]} == {8}
            tokenizer.max_len_single_sentence = tokenizer.max_len_single_sentence
    for argument in ("pad_to_max_length", "truncation_strategy", "max_len_single_sentence"):
        assert [argument in record.message for record in caplog.records].count(True) == 1
