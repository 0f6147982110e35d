"""SentencePiece models on our engine, next to the library `sentencepiece` itself."""

from __future__ import annotations

import base64
import json
import pickle
from pathlib import Path

import pytest
import sentencepiece
from tests.tokenization.golden_tokenizers import FOLDER, make

from formers import MarianTokenizer, MBartTokenizer, T5Tokenizer
from formers.tokenization.engines.sentencepiece import Pieces

MODELS = [
    "files/spm_t5/spiece.model",
    "files/spm_xlmr/sentencepiece.bpe.model",
    "files/marian/source.spm",
]
# Characters that combine, of other widths, spaces and marks of every kind: what the normalization rules are for.
TEXTS = [
    "The old keeper paints the wooden boat.",
    "  two  spaces\tand\r\nlines \u2028 here\u3000",
    "cafe\u0301 e\u0302\u0301 a\u0323\u0302 \u1100\u1161\u11a8 \u3131\u314f \uff76\uff9e \uffa1\uffc2",
    "ＡＢＣ １２ ﬁne ½ ™ … \u00a8 \u00b4x",
    "zero\u200bwidth\u200djoin\ufeff soft\xad hyphen \u0600\u0661",
    "नमस्ते दुनिया ไทยำ 東京カタカナ🚤👍🏽 👨\u200d👩\u200d👧",
    "▁ a▁ ▁▁b \x00 c",
    "</s> <unk> <s> <pad> <extra_id_1>",
    "",
    "   ",
]


@pytest.mark.parametrize("path", MODELS)
def test_pieces_are_those_of_the_library(path: str) -> None:
    library = sentencepiece.SentencePieceProcessor(model_file=str(FOLDER / path))
    pieces = Pieces(str(FOLDER / path))
    assert [pieces.tokenize(text) for text in TEXTS] == library.encode(TEXTS, out_type=str)
    assert pieces.ids(TEXTS) == library.encode(TEXTS, out_type=int)


def trained(folder: Path, **options: object) -> str:
    lines = [
        "the old keeper paints the wooden boat",
        "gulls argue over bread",
        "the boats return with silver fish",
    ] * 30
    (folder / "corpus.txt").write_text("\n".join(lines))
    sentencepiece.SentencePieceTrainer.train(
        input=str(folder / "corpus.txt"),
        model_prefix=str(folder / "small"),
        hard_vocab_limit=False,
        minloglevel=2,
        num_threads=1,
        **{"vocab_size": 60, **options},
    )
    return str(folder / "small.model")


@pytest.mark.parametrize(
    "options",
    [
        {"model_type": "bpe"},
        {"model_type": "bpe", "byte_fallback": True, "vocab_size": 330},
        {"byte_fallback": True, "vocab_size": 330},
        {"add_dummy_prefix": False},
        {"remove_extra_whitespaces": False},
        {"normalization_rule_name": "identity"},
        {"normalization_rule_name": "nfkc_cf"},
        {"split_by_whitespace": False},
        {"user_defined_symbols": ["<sep>", "wood"]},
    ],
    ids=str,
)
def test_models_of_other_makes(options: dict[str, object], tmp_path: Path) -> None:
    path = trained(tmp_path, **options)
    library = sentencepiece.SentencePieceProcessor(model_file=path)
    pieces = Pieces(path)
    texts = [*TEXTS, "wooden<sep>boat the  keeper"]
    assert pieces.ids(texts) == library.encode(texts, out_type=int)
    assert [pieces.tokenize(text) for text in texts] == library.encode(texts, out_type=str)


@pytest.mark.parametrize("kind", ["word", "char"])
def test_kinds_of_models_that_are_not_known_are_named(kind: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{kind}.*unigram and bpe"):
        Pieces(trained(tmp_path, model_type=kind))


def test_files_that_are_no_models(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="spiece.model"):
        T5Tokenizer(str(tmp_path / "spiece.model"))
    content = (FOLDER / MODELS[0]).read_bytes()
    for name, wrong in {"cut": content[:-100], "text": b"no model at all", "empty": b""}.items():
        (tmp_path / name).write_bytes(wrong)
        with pytest.raises(ValueError, match=f"{name}.*is not a SentencePiece model"):
            Pieces(str(tmp_path / name))
    (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ValueError, match="unk_id"):
        T5Tokenizer(str(tmp_path / "tokenizer.json"))


def test_a_model_as_tokenizer_json(tmp_path: Path) -> None:
    model = Pieces(str(FOLDER / MODELS[0])).model
    extra = [f"<extra_id_{i}>" for i in reversed(range(100))]
    special = ["<pad>", "</s>", "<unk>", *extra]
    content = {
        "added_tokens": [{"content": token, "special": True} for token in special],
        "normalizer": {"type": "Precompiled", "precompiled_charsmap": base64.b64encode(model.charsmap).decode()},
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True},
        "model": {
            "unk_id": model.unknown_id,
            "vocab": [*([piece.text, piece.score] for piece in model.pieces), *([token, 0.0] for token in extra)],
        },
    }
    (tmp_path / "tokenizer.json").write_text(json.dumps(content))
    here = T5Tokenizer.from_pretrained(tmp_path)
    there = make("T5Tokenizer", model_max_length=None)
    there.sanitize_special_tokens()
    assert here(TEXTS)["input_ids"] == there(TEXTS)["input_ids"]
    assert here.get_vocab() == there.get_vocab()
    here.save_pretrained(tmp_path / "again")
    assert T5Tokenizer.from_pretrained(tmp_path / "again")(TEXTS)["input_ids"] == here(TEXTS)["input_ids"]


def test_marian_uses_the_model_of_each_language_and_its_codes() -> None:
    marian: MarianTokenizer = make("MarianTokenizer")
    before = marian("The boat.")["input_ids"]
    batch = marian.prepare_translation_batch([">>fr<< The boat."], ["Die Möwen streiten"], return_tensors="np")
    assert batch["input_ids"][0, 0] == marian.encoder[">>fr<<"]
    library = sentencepiece.SentencePieceProcessor(model_file=marian.spm_files[1])
    expected = marian.convert_tokens_to_ids(library.encode("Die Möwen streiten", out_type=str))
    assert batch["decoder_input_ids"][0].tolist() == [*expected, marian.eos_token_id]
    assert marian("The boat.")["input_ids"] == before
    again = pickle.loads(pickle.dumps(marian))
    assert again("The boat.")["input_ids"] == before
    with pytest.raises(ValueError, match="empty"):
        marian.prepare_translation_batch(["a", ""])


def test_mbart_ends_with_the_language() -> None:
    mbart: MBartTokenizer = make("MBartTokenizer")
    batch = mbart.prepare_translation_batch(["a boat"], "de_DE", ["ein Boot"], "fr_XX", return_tensors="np")
    assert batch["input_ids"][0, -2:].tolist() == [mbart.eos_token_id, mbart.lang_code_to_id["de_DE"]]
    assert batch["decoder_input_ids"][0, -1] == mbart.lang_code_to_id["fr_XX"]
    with pytest.raises(KeyError, match="xx_XX.*en_XX"):
        mbart.set_lang("xx_XX")
