"""The end of T5's texts, and mBART's languages."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.golden_data import GOLDEN
from tests.tokenization.golden_tokenizers import FOLDER, make

from formers import MBartTokenizer, T5Tokenizer, pipeline

TEXT = "The lamp is lit."
END = {"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {"id": "A", "type_id": 0}}]}}
END["post_processor"]["single"].append({"SpecialToken": {"id": "</s>", "type_id": 0}})  # type: ignore[attr-defined]


def folder_with(tmp_path: Path, content: dict[str, Any] | None) -> Path:
    shutil.copy(FOLDER / "files/spm_t5/spiece.model", tmp_path)
    if content is not None:
        (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    return tmp_path


@pytest.mark.parametrize("content", [None, {}, {"post_processor": None}, {"post_processor": {"type": "ByteLevel"}}])
def test_texts_have_no_end_unless_a_file_says_so(tmp_path: Path, content: dict[str, Any] | None) -> None:
    tokenizer = T5Tokenizer.from_pretrained(folder_with(tmp_path, content))
    assert tokenizer.encode(TEXT) == make("T5Tokenizer").encode(TEXT)
    assert tokenizer.encode(TEXT)[-1] != tokenizer.eos_token_id
    assert tokenizer.num_special_tokens_to_add() == 0


def test_texts_end_as_their_tokenizer_json_says(tmp_path: Path) -> None:
    tokenizer = T5Tokenizer.from_pretrained(folder_with(tmp_path, END))
    bare, end = make("T5Tokenizer").encode(TEXT), tokenizer.eos_token_id
    assert tokenizer.encode(TEXT) == tokenizer.encode(TEXT + " </s>") == [*bare, end]
    assert tokenizer.encode(TEXT, TEXT) == [*bare, end, *bare, end]
    assert tokenizer.encode(TEXT, add_special_tokens=False) == bare
    assert tokenizer.encode("") == [end]
    assert tokenizer.encode(TEXT, truncation=True, max_length=3) == [*bare[:2], end]
    assert (tokenizer.num_special_tokens_to_add(), tokenizer.num_special_tokens_to_add(pair=True)) == (1, 2)
    batch = tokenizer([TEXT, "It </s>"], return_special_tokens_mask=True, padding=True)
    assert batch["special_tokens_mask"][0] == [*[0] * len(bare), 1]
    assert tokenizer.get_special_tokens_mask(batch["input_ids"][0], already_has_special_tokens=True)[-1] == 1
    assert tokenizer.decode(tokenizer.encode(TEXT), skip_special_tokens=True) == TEXT


def test_the_end_of_texts_can_be_chosen_and_is_saved(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, END)
    bare = make("T5Tokenizer").encode(TEXT)
    assert T5Tokenizer.from_pretrained(folder, add_eos_token=False).encode(TEXT) == bare
    assert T5Tokenizer(str(folder / "spiece.model"), add_eos_token=True).encode(TEXT) == [*bare, 1]
    for given, expected in (({}, [*bare, 1]), ({"add_eos_token": False}, bare)):
        saved = folder / f"saved{len(given)}"
        T5Tokenizer.from_pretrained(folder, **given).save_pretrained(saved)
        assert not (saved / "tokenizer.json").exists()
        assert T5Tokenizer.from_pretrained(saved).encode(TEXT) == expected


def test_pipelines_read_texts_with_their_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in (GOLDEN / "pipelines" / "summarize_translate_t5").iterdir():
        shutil.copy(file, tmp_path)
    (tmp_path / "tokenizer.json").write_text(json.dumps(END))
    nlp = pipeline("summarization", model=str(tmp_path))
    seen: list[list[int]] = []
    generate = nlp.model.generate
    monkeypatch.setattr(
        nlp.model, "generate", lambda **inputs: seen.extend(inputs["input_ids"].tolist()) or generate(**inputs)
    )
    nlp(TEXT)
    assert seen[0][-1] == 1 and seen[0].count(1) == 1


def test_mbart_is_told_the_languages_of_a_translation() -> None:
    tokenizer: MBartTokenizer = make("MBartTokenizer")
    numbers = tokenizer.lang_code_to_id
    assert tokenizer.set_languages("de", "ro_RO") == numbers["ro_RO"]
    assert tokenizer.encode(TEXT)[-1] == numbers["de_DE"]
    with pytest.raises(KeyError, match="mBART has no language 'la'; it has ar_AR, "):
        tokenizer.set_languages("de", "la")
