"""Reproducible English-looking text: real words of a vocabulary, log-normal sentence lengths."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

MEDIAN_WORDS = 25
LONGEST_WORDS = 350
# Spread of the log of the length: about one sentence in six is longer than 60 words, as in reviews.
SIGMA = 0.9


def words_of(vocabulary: Sequence[str]) -> list[str]:
    """Whole words of a WordPiece vocabulary, in its order, which is by falling frequency.

    Args:
        vocabulary: lines of a `vocab.txt`.

    Returns:
        Lower-case ASCII words of two letters or more; one word is one token.
    """
    return [token for token in vocabulary if len(token) > 1 and token.isascii() and token.isalpha()]


def sentences(words: Sequence[str], count: int, seed: int = 0) -> list[str]:
    """Draw sentences whose lengths are log-normal (median 25 words); the longest has exactly 350 words.

    Args:
        words: words by falling frequency; drawn with weight 1 / rank, as natural text does (Zipf's law).
        count: number of sentences.
        seed: of the generator; equal seeds give equal sentences on every machine.

    Returns:
        The sentences, in random order.
    """
    generator = random.Random(seed)
    lengths = [
        min(LONGEST_WORDS, max(1, round(generator.lognormvariate(math.log(MEDIAN_WORDS), SIGMA)))) for _ in range(count)
    ]
    lengths[lengths.index(max(lengths))] = LONGEST_WORDS
    weights = [1 / (rank + 10) for rank in range(len(words))]
    return [
        " ".join(generator.choices(words, weights, k=length)).capitalize() + generator.choice([".", "!", "?", "..."])
        for length in lengths
    ]


SHORT_SENTENCE = "We are very happy to see this work."
"""One sentence of ten tokens, with the two special ones and the full stop."""
