"""Splits, vocabulary and training texts of the translation starter: the English-French pairs of Tatoeba.

Training sees no held-out sentence of either language: sentences are compared without case, punctuation and space, and a
pair that shares one with a held-out pair is left out.
"""
import io
import json
import random
import re
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import sentencepiece

from formers import MarianTokenizer
from recipes.packages import tatoeba

# An English sentence and a French one.
Pair = tuple[str, str]

TESTED = 1000
VALIDATED = 200
END, UNKNOWN, PADDING = "</s>", "<unk>", "<pad>"


@dataclass(frozen=True)
class Splits:
    """Pairs to train on, to choose by, and to measure with."""

    training: list[Pair]
    validation: list[Pair]
    test: list[Pair]


def key(text: str) -> str:
    """What two copies of a sentence have in common."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def splits(work: Path) -> Splits:
    """Download the pairs and part them; a held-out pair is the only one with its English sentence in its split."""
    with zipfile.ZipFile(tatoeba(work)) as archive:
        lines = io.TextIOWrapper(archive.open("fra.txt"), encoding="utf-8").read().splitlines()
    # No-break spaces before French punctuation are written in three ways, or as plain spaces: here all are plain.
    rows = [[" ".join(text.replace("\u200b", "").split()) for text in line.split("\t")[:2]] for line in lines]
    pairs = sorted({(key(english), key(french)): (english, french) for english, french in rows}.items())
    random.Random(1234).shuffle(pairs)
    held_out: list[Pair] = []
    taken: set[str] = set()
    for (english, _), pair in pairs:
        if len(held_out) < TESTED + VALIDATED and english not in taken:
            taken.add(english)
            held_out.append(pair)
    test, validation = held_out[:TESTED], held_out[TESTED:]
    hidden_english, hidden_french = ({key(text) for text in texts} for texts in zip(*held_out, strict=True))
    training = [
        pair for (english, french), pair in pairs if english not in hidden_english and french not in hidden_french
    ]
    return Splits(training, validation, test)


def with_variants(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs and, for one in twenty, one more as people type: no full stop, curly apostrophes, two sentences."""
    chooser = random.Random(4321)
    made = list(pairs)
    for english, french in chooser.sample(pairs, len(pairs) // 20):
        match chooser.randrange(3):
            case 0:
                made.append((english.rstrip("."), french.rstrip(" .")))
            case 1:
                made.append((english.replace("'", "\u2019"), french))
            case 2:
                more_english, more_french = chooser.choice(pairs)
                made.append((f"{english} {more_english}", f"{french} {more_french}"))
    return made


def make_tokenizer(pairs: Sequence[Pair], size: int, folder: Path) -> MarianTokenizer:
    """Train a SentencePiece model of both languages, and write the files of a Marian tokenizer.

    Args:
        pairs: training pairs.
        size: tokens of the vocabulary, with end, unknown and padding.
        folder: an existing folder.
    """
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([text for pair in pairs for text in pair]),
        model_writer=model,
        vocab_size=size - 1,
        character_coverage=1.0,
        normalization_rule_name="nmt_nfkc",
        bos_id=-1,
        eos_id=0,
        unk_id=1,
        num_threads=1,
        minloglevel=1,
    )
    for name in ("source.spm", "target.spm"):
        (folder / name).write_bytes(model.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    # Marian puts padding last.
    tokens = [processor.id_to_piece(number) for number in range(size - 1)] + [PADDING]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False, indent=0), encoding="utf-8")
    settings = {"source_lang": "en", "target_lang": "fr", "model_max_length": 128}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return MarianTokenizer.from_pretrained(str(folder))
