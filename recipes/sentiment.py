"""Make the sentiment starter: a four-layer BERT of 12 million weights, fine-tuned from MiniLM on film reviews.

    python -m recipes.sentiment                 # all stages; what a stage made is kept in --work and used again
    python -m recipes.sentiment --evaluate      # measure the checkpoint in --output on the held-out splits

Stages: (0) the four lower layers of all-MiniLM-L6-v2 with the word pieces that English film reviews use; (1) single
sentences, from Rotten Tomatoes and cut out of IMDB reviews by an n-gram model: short texts give the most labels per
token; (2) whole short reviews, heads of long ones, and the sentences again. Made for a CPU of two cores.
"""
import argparse
import json
import os
import random
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from formers import BertForSequenceClassification, BertModel, BertTokenizer, pipeline
from recipes.packages import minilm
from recipes.publishing import publish
from recipes.sentiment_data import Labelled, choose_vocabulary, splits, telling_sentences

OUTPUT = Path(__file__).parents[1] / "src" / "formers" / "starter" / "sentiment-analysis"
LAYERS = 4
PIECES = 11_700
LABELS = ("NEGATIVE", "POSITIVE")
BATCH_TOKENS = 2048

Example = tuple[list[int], int]


@dataclass(frozen=True)
class Stage:
    """A fine-tuning run: its name, peak learning rate and seed."""

    name: str
    rate: float
    seed: int


STAGES = (Stage("sentences", 1.5e-4, 1), Stage("reviews", 1e-4, 2))


def start(work: Path) -> Path:
    """Stage 0: the smaller model with MiniLM's weights, and the training examples of both stages, as token ids."""
    folder = work / "start"
    if folder.is_dir():
        return folder
    found = splits(work)
    pieces, rows = choose_vocabulary(found, work, PIECES)
    making = work / "start.part"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    (making / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    tokenizer = BertTokenizer(str(making / "vocab.txt"), model_max_length=512)
    tokenizer.save_pretrained(str(making))

    torch.manual_seed(0)
    source = BertModel.from_pretrained(str(minilm(work)), num_hidden_layers=LAYERS)
    config = source.config
    config.vocab_size = len(rows)
    config.attention_probs_dropout_prob = 0.0  # dropout in attention keeps torch from its fast kernel
    config.id2label, config.label2id = dict(enumerate(LABELS)), {label: i for i, label in enumerate(LABELS)}
    model = BertForSequenceClassification(config)
    weights = source.state_dict()
    table = "embeddings.word_embeddings.weight"
    weights[table] = weights[table][rows]
    model.bert.load_state_dict(weights)
    model.save_pretrained(str(making))

    def encode(texts: Sequence[Labelled], longest: int) -> list[Example]:
        ids = tokenizer([text for text, _ in texts], truncation=True, max_length=longest)["input_ids"]
        return [(row, label) for row, (_, label) in zip(ids, texts, strict=True)]

    sentences = encode(found.sentences, 128)
    reviews = list(found.reviews)
    random.Random(6).shuffle(reviews)
    short = [review for review in reviews if len(review[0].split()) <= 125]
    long = [review for review in reviews if len(review[0].split()) > 125]
    examples = {
        "sentences": sentences + encode(telling_sentences(found)[:20_000], 128),
        "reviews": sentences + encode(short[:5000], 224) + encode(long[:2500], 224),
    }
    (making / "examples.json").write_text(json.dumps(examples))
    making.rename(folder)
    return folder


def batches(examples: Sequence[Example], shuffler: random.Random) -> list[list[Example]]:
    """Batches of about `BATCH_TOKENS`, each of texts of like length, in random order."""
    order = sorted(examples, key=lambda example: (len(example[0]), shuffler.random()))
    made: list[list[Example]] = [[]]
    for example in order:
        if len(example[0]) * (len(made[-1]) + 1) > BATCH_TOKENS:
            made.append([])
        made[-1].append(example)
    shuffler.shuffle(made)
    return made


def collate(batch: Sequence[Example]) -> dict[str, torch.Tensor]:
    """Padded ids, mask and labels. *Shape:* `[batch, longest]` and `[batch]`."""
    longest = max(len(ids) for ids, _ in batch)
    return {
        "input_ids": torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in batch]),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in batch]),
        "labels": torch.tensor([label for _, label in batch]),
    }


def parameter_groups(model: nn.Module) -> list[dict[str, object]]:
    """Weight decay for matrices only."""
    matrices = [weight for weight in model.parameters() if weight.dim() > 1]
    vectors = [weight for weight in model.parameters() if weight.dim() == 1]
    return [{"params": matrices, "weight_decay": 0.01}, {"params": vectors, "weight_decay": 0.0}]


def fine_tune(rank: int, workers: int, stage: Stage, source: Path, target: Path, examples: list[Example]) -> None:
    """One worker of a stage: every batch is dealt out among the workers, their gradients are averaged."""
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // workers))
    dist.init_process_group("gloo", init_method=f"file://{target}.meeting", rank=rank, world_size=workers)
    model = BertForSequenceClassification.from_pretrained(str(source)).train()
    copies = DistributedDataParallel(model)
    optimizer = torch.optim.AdamW(parameter_groups(model), lr=stage.rate, betas=(0.9, 0.98), fused=True)
    made = batches(examples, random.Random(stage.seed))
    warmup = 0.06 * len(made)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warmup) * (1 - step / len(made))
    )
    torch.manual_seed(stage.seed * 1000 + rank)
    began, tokens, losses = time.monotonic(), 0, []
    for step, batch in enumerate(made, 1):
        # A worker with no row of its own repeats one, so that all meet at every step.
        loss = copies(**collate(batch[rank::workers] or batch[:1]))[0]
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        tokens += sum(len(ids) for ids, _ in batch)
        if rank == 0 and (step % 25 == 0 or step == len(made)):
            seconds = time.monotonic() - began
            mean = sum(losses) / len(losses)
            print(f"{stage.name}: step {step} of {len(made)}, loss {mean:.4f}, {seconds:.0f} s, "
                  f"{tokens / seconds:.0f} tokens/s", flush=True)
            losses.clear()
    if rank == 0:
        making = target.with_name(target.name + ".part")
        model.save_pretrained(str(making))
        making.rename(target)
    dist.destroy_process_group()


def make(work: Path, output: Path, workers: int) -> None:
    """Run the stages that have no result yet, then write the checkpoint in half precision."""
    folder = beginning = start(work)
    examples = json.loads((beginning / "examples.json").read_text())
    for stage in STAGES:
        target = work / stage.name
        if not target.is_dir():
            Path(f"{target}.meeting").unlink(missing_ok=True)
            arguments = (workers, stage, folder, target, examples[stage.name])
            torch.multiprocessing.spawn(fine_tune, arguments, nprocs=workers)
        folder = target
    model = BertForSequenceClassification.from_pretrained(str(folder))
    publish(model, BertTokenizer.from_pretrained(str(beginning)), work, output)


def accuracy(classify, texts: Sequence[Labelled]) -> float:  # noqa: ANN001 (a pipeline of any framework)
    """The share of texts that get their label."""
    found = classify([text for text, _ in texts])
    return sum(one["label"] == LABELS[label] for one, (_, label) in zip(found, texts, strict=True)) / len(texts)


def evaluate(work: Path, output: Path, reviews: int) -> dict[str, float]:
    """Accuracy of the checkpoint on the held-out splits, through the public pipeline.

    Args:
        work: folder for downloads.
        output: the checkpoint.
        reviews: how many of the held-out reviews to measure; all sentences are.
    """
    found = splits(work)
    classify = pipeline("sentiment-analysis", model=str(output), tokenizer=str(output), framework="pt")
    measured = {}
    for name, texts in (
        ("Rotten Tomatoes sentences", found.held_out_sentences),
        ("IMDB reviews", found.held_out_reviews[:reviews]),
    ):
        measured[name] = accuracy(classify, texts)
        print(f"{name}: {measured[name]:.4f} of {len(texts)} held-out texts", flush=True)
    return measured


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/sentiment"), help="downloads and finished stages")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the checkpoint folder")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="training processes")
    parser.add_argument("--evaluate", action="store_true", help="only measure the checkpoint in --output")
    parser.add_argument("--reviews", type=int, default=5000, help="held-out reviews to measure")
    options = parser.parse_args()
    if not options.evaluate:
        make(options.work, options.output, options.workers)
    evaluate(options.work, options.output, options.reviews)


if __name__ == "__main__":
    main()
