"""What the documented tokenization modules define besides public names, and old code imports from them."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from tests.tokenization.golden_tokenizers import FOLDER

from formers.compat.modules import existing_homes

TABLES = ["PRETRAINED_POSITIONAL_EMBEDDINGS_SIZES", "PRETRAINED_VOCAB_FILES_MAP", "VOCAB_FILES_NAMES"]
NAMES = {
    "tokenization_bart": ["BartTokenizer", "BartTokenizerFast", "SPM_URL"],
    "tokenization_bert": [*TABLES, "PRETRAINED_INIT_CONFIGURATION", "load_vocab", "whitespace_tokenize"],
    "tokenization_ctrl": [*TABLES, "CONTROL_CODES", "get_pairs"],
    "tokenization_distilbert": [*TABLES, "PRETRAINED_INIT_CONFIGURATION"],
    "tokenization_gpt2": [*TABLES, "bytes_to_unicode", "get_pairs"],
    "tokenization_marian": ["load_json", "load_spm", "save_json", "vocab_files_names"],
    "tokenization_openai": [*TABLES, "get_pairs", "text_standardize"],
    "tokenization_roberta": TABLES,
    "tokenization_t5": [*TABLES, "SPIECE_UNDERLINE"],
    "tokenization_utils": [
        "PreTrainedTokenizer",
        "_is_control",
        "_is_end_of_word",
        "_is_punctuation",
        "_is_start_of_word",
        "_is_whitespace",
    ],
    "tokenization_utils_base": [
        "ADDED_TOKENS_FILE",
        "AddedToken",
        "BatchEncoding",
        "CharSpan",
        "EncodedInput",
        "ExplicitEnum",
        "FULL_TOKENIZER_FILE",
        "LARGE_INTEGER",
        "PaddingStrategy",
        "PreTokenizedInput",
        "PreTrainedTokenizerBase",
        "SPECIAL_TOKENS_MAP_FILE",
        "SpecialTokensMixin",
        "TOKENIZER_CONFIG_FILE",
        "TensorType",
        "TextInput",
        "TokenSpan",
        "TruncationStrategy",
        "VERY_LARGE_INTEGER",
    ],
    "tokenization_utils_fast": ["BatchEncoding", "PreTrainedTokenizerFast"],
}


def found(module: str, name: str) -> Any:
    homes = [importlib.import_module(home) for home in existing_homes(module)]
    return next(getattr(home, name) for home in homes if hasattr(home, name))


@pytest.mark.parametrize(("module", "name"), [(module, name) for module, names in NAMES.items() for name in names])
def test_the_module_has_the_name(module: str, name: str) -> None:
    assert found(module, name) is not None


def test_helpers_do_what_they_did(tmp_path: Path) -> None:
    for module in ("tokenization_gpt2", "tokenization_ctrl", "tokenization_openai"):
        pairs = found(module, "get_pairs")
        assert pairs(("l", "o", "w", "l", "o</w>")) == {("l", "o"), ("o", "w"), ("w", "l"), ("l", "o</w>")}
        assert pairs("a") == set()
    assert found("tokenization_t5", "SPIECE_UNDERLINE") == "\u2581"
    save, load = found("tokenization_marian", "save_json"), found("tokenization_marian", "load_json")
    save({"é": [1, None]}, str(tmp_path / "a.json"))
    assert load(str(tmp_path / "a.json")) == {"é": [1, None]} == json.loads((tmp_path / "a.json").read_text())
    processor = found("tokenization_marian", "load_spm")(str(FOLDER / "files/marian/source.spm"))
    assert processor.encode_as_pieces("The boat")[0].startswith("\u2581")
    starts, ends = found("tokenization_utils", "_is_start_of_word"), found("tokenization_utils", "_is_end_of_word")
    assert [starts(text) for text in (", a", " a", "\x00a", "a,")] == [True, True, True, False]
    assert [ends(text) for text in ("a,", "a ", "a\u200b", ",a")] == [True, True, True, False]
