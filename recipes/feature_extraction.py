"""Make the feature-extraction starter: all-MiniLM-L6-v2 itself, its weights in half precision.

    python -m recipes.feature_extraction

Prints the cosine similarities of three sentences, from the original weights and from the checkpoint it wrote.
"""
import argparse
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import torch
import torch.nn.functional as F

from formers import BertModel, BertTokenizer
from recipes.packages import minilm
from recipes.publishing import publish

OUTPUT = Path(__file__).parents[1] / "src" / "formers" / "starter" / "feature-extraction"
SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")


def similarities(folder: Path, sentences: Sequence[str] = SENTENCES) -> list[float]:
    """Cosine similarity of every pair of sentences, each the mean of its token vectors.

    Args:
        folder: a BERT checkpoint.
        sentences: the texts.

    Returns:
        The pairs' similarities: (1, 2), (1, 3), (2, 3) ...
    """
    tokenizer = BertTokenizer.from_pretrained(str(folder))
    model = BertModel.from_pretrained(str(folder)).eval()
    inputs = tokenizer(list(sentences), padding=True, truncation=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**inputs)[0]
    mask = inputs["attention_mask"].unsqueeze(-1).to(states.dtype)
    vectors = F.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
    return [float(vectors[a] @ vectors[b]) for a, b in combinations(range(len(sentences)), 2)]


def make(work: Path, output: Path) -> None:
    """Write the checkpoint folder."""
    source = minilm(work)
    model = BertModel.from_pretrained(str(source))
    publish(model, BertTokenizer.from_pretrained(str(source)), work, output)
    for name, folder in (("original", source), ("half precision", output)):
        print(f"{name}: {', '.join(f'{value:.4f}' for value in similarities(folder))}")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/feature-extraction"), help="folder for downloads")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the checkpoint folder")
    options = parser.parse_args()
    make(options.work, options.output)


if __name__ == "__main__":
    main()
