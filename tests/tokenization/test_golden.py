"""Every recorded call of the original's tokenizers, with the recorded answer."""

from __future__ import annotations

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.tokenization.golden_tokenizers import INDEX, cases, cls, files, make, plain

# Has the tokens that are added before tokenizers are saved.
TEXT_WITH_ADDED = "the newtok and harbourx near Big Word NEWTOK newtoks <spec_a> end"


def without_token_class(value: Any) -> Any:
    if isinstance(value, list):
        return [without_token_class(item) for item in value]
    return value["content"] if isinstance(value, dict) else value


def check_saved(tokenizer: Any, case: dict[str, Any], text: str, folder: Path) -> None:
    paths = tokenizer.save_pretrained(folder)
    if "source_spm" not in case["returned"]:  # v3.0.2 named Marian's arguments, not its files
        assert [Path(path).name for path in paths] == case["returned"]
    assert set(case["files"]) <= {path.name for path in folder.iterdir()}
    expected = case["contents"]
    assert json.loads((folder / "added_tokens.json").read_text()) == expected["added_tokens.json"]
    roles = json.loads((folder / "special_tokens_map.json").read_text())
    wanted = expected["special_tokens_map.json"]
    assert {role: without_token_class(token) for role, token in roles.items()} == {
        role: without_token_class(token) for role, token in wanted.items()
    }
    length = expected["tokenizer_config.json"].get("model_max_length")
    if length is not None:
        assert json.loads((folder / "tokenizer_config.json").read_text())["model_max_length"] == length
    again = type(tokenizer).from_pretrained(folder)
    assert len(again) == case["reloaded_len"]
    if case["reloaded_equal"]:
        assert again.encode(text) == tokenizer.encode(text)


def check_alignment(tokenizer: Any, case: dict[str, Any]) -> None:
    encoded = tokenizer(case["text"])
    assert encoded.tokens() == case["tokens"]
    assert encoded.words() == encoded.word_ids() == case["words"]
    maps = ("token_to_word", "token_to_chars", "char_to_token", "char_to_word", "word_to_tokens", "word_to_chars")
    for name in maps:
        for index, expected in enumerate(case[name]):
            if not (isinstance(expected, dict) and "error" in expected):
                assert plain(getattr(encoded, name)(index)) == expected, (name, index)


@pytest.mark.parametrize("folder", INDEX)
def test_every_recorded_call(folder: str, tmp_path: Path) -> None:
    tokenizer = make(folder)
    rows = cases(folder)
    added = [row for row in rows if row.get("group") == "added"]
    tokens = next(row["kwargs"]["new_tokens"] for row in added if row["op"] == "add_tokens")
    special = next(row["kwargs"]["special_tokens_dict"] for row in added if row["op"] == "add_special_tokens")
    checked = 0
    for number, case in enumerate(rows):
        if "error" in case:
            continue  # what v3.0.2 raised need not be raised here; test_bad_input.py says what is
        kwargs = copy.deepcopy(case.get("kwargs", {}))
        where = f"{folder} {number}: {case['op']} {case.get('name', '')} {str(kwargs)[:200]}"
        if case["op"] == "new":
            tokenizer = make(folder, **kwargs)
            continue
        checked += 1
        if case["op"] == "save_pretrained":
            saved = tokenizer
            if case["group"] == "save_loaded":
                source = tmp_path / "source"
                source.mkdir()
                for name, path in files(folder).items():
                    shutil.copy(path, source / cls(folder).vocab_files_names[name])
                saved = cls(folder).from_pretrained(source, **INDEX[folder]["init"])
                saved.add_tokens(list(tokens))
                saved.add_special_tokens(copy.deepcopy(special))
            check_saved(saved, case, TEXT_WITH_ADDED, tmp_path / case["group"])
        elif case["op"] == "alignment":
            check_alignment(tokenizer, case)
        elif case["op"] == "len":
            assert len(tokenizer) == case["out"], where
        elif case["op"] == "attr":
            value = plain(getattr(tokenizer, case["name"]))
            assert (sorted(value) if case.get("unordered") else value) == case["out"], where
        else:
            if case.get("group") == "batch_pairs" and case["op"] == "batch_encode_plus":
                kwargs = {name: [tuple(pair) for pair in value] for name, value in kwargs.items()}
            call = tokenizer if case["op"] == "__call__" else getattr(tokenizer, case["op"])
            assert plain(call(**kwargs)) == case["out"], where
    assert checked > 200
