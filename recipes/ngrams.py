"""A linear model of word n-grams: cheap, and good enough to say which sentences of a review carry its verdict.

Binary unigram and bigram features, started from and scaled by their naive-Bayes log-count ratios
(Wang & Manning 2012, "Baselines and Bigrams"), then fitted by logistic regression.
"""
import random
import re
from collections import Counter
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import nn

Feature = str | tuple[str, str]


def features(text: str) -> list[Feature]:
    """The distinct words and word pairs of a text, in order of appearance."""
    words = re.findall(r"[a-z0-9']+|[^\sa-z0-9]", text.lower())
    return list(dict.fromkeys([*words, *zip(words, words[1:], strict=False)]))


class NgramModel:
    """Scores texts: above zero speaks for the positive class.

    Args:
        texts: training texts.
        labels: 0 or 1 for each.
        least: how many texts a feature must occur in.
        epochs: passes over the texts.
    """

    def __init__(self, texts: Sequence[str], labels: Sequence[int], least: int = 3, epochs: int = 6):
        found = [features(text) for text in texts]
        counts = Counter(feature for text in found for feature in text)
        self.index = {feature: i for i, feature in enumerate(f for f, count in counts.items() if count >= least)}
        rows = [torch.tensor([self.index[f] for f in text if f in self.index], dtype=torch.long) for text in found]
        targets = torch.tensor(labels, dtype=torch.float32)
        table = nn.EmbeddingBag(len(self.index), 1, mode="sum", sparse=True)
        table.weight.data.copy_(0.2 * self._log_ratios(rows, labels)[:, None])
        optimizer = torch.optim.SGD(table.parameters(), lr=0.05)
        order = list(range(len(rows)))
        shuffler = random.Random(0)
        for _ in range(epochs):
            shuffler.shuffle(order)
            for start in range(0, len(order), 64):
                batch = order[start : start + 64]
                sizes = torch.tensor([len(rows[i]) for i in batch])
                sums = table(torch.cat([rows[i] for i in batch]), sizes.cumsum(0) - sizes)[:, 0]
                # Long texts sum more features: without the root they would drown the short ones.
                scores = 2 * sums * sizes.clamp(min=1).float().rsqrt()
                F.binary_cross_entropy_with_logits(scores, targets[batch], reduction="sum").backward()
                optimizer.step()
                optimizer.zero_grad()
        self.weights: list[float] = table.weight.detach()[:, 0].tolist()

    def _log_ratios(self, rows: Sequence[torch.Tensor], labels: Sequence[int]) -> torch.Tensor:
        counts = torch.ones(2, len(self.index))
        for row, label in zip(rows, labels, strict=True):
            counts[label, row] += 1
        shares = (counts / counts.sum(1, keepdim=True)).log()
        return shares[1] - shares[0]

    def score(self, text: str) -> float:
        """The sum of the weights of the text's features."""
        return sum(self.weights[self.index[f]] for f in features(text) if f in self.index)
