"""Make the sentiment starter: a four-layer BERT of 12 million weights, fine-tuned from MiniLM on film reviews.

    python -m recipes.sentiment                 # all stages; what a stage made is kept in --work and used again
    python -m recipes.sentiment --evaluate      # measure the checkpoint in --output on the held-out splits

It starts as the four lower layers of all-MiniLM-L6-v2 with the word pieces that English film reviews use. Stages:
(1) single sentences, from Rotten Tomatoes and cut out of IMDB reviews by an n-gram model: short texts give the most
labels per token; (2) whole short reviews, heads of long ones, and the Rotten Tomatoes sentences; (3) these twice more,
with heads of other reviews; (4) a teacher, all six layers and word pieces of MiniLM, learns the Rotten Tomatoes
sentences; (5) the small model learns what the teacher thinks of them and of sentences drawn from IMDB reviews.
About four million tokens in all, made for a CPU of two cores.
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
import torch.nn.functional as F
from torch import nn
from torch.nn.parallel import DistributedDataParallel

from formers import BertForSequenceClassification, BertModel, BertTokenizer, Pipeline, pipeline
from recipes.packages import minilm
from recipes.publishing import publish
from recipes.sentiment_data import Labelled, Splits, any_sentences, choose_vocabulary, splits, telling_sentences

OUTPUT = Path(__file__).parents[1] / "src" / "formers" / "starter" / "sentiment-analysis"
LAYERS = 4
PIECES = 11_700
LABELS = ("NEGATIVE", "POSITIVE")

# Token ids, and how probably the text is positive.
Example = tuple[list[int], float]


@dataclass(frozen=True)
class Stage:
    """A fine-tuning run: its name, the stage it starts from, peak learning rate and seed.

    `heads` says which of the long training reviews it reads, and `longest` to how many tokens they are cut.
    """

    name: str
    source: str
    rate: float
    seed: int
    heads: tuple[int, int] = (0, 0)
    longest: int = 128
    batch_tokens: int = 2048


SENTENCES = Stage("sentences", "small", 1.5e-4, 1)
REVIEWS = Stage("reviews", "sentences", 1e-4, 2, (0, 2500), 224)
BOTH = Stage("both", "reviews", 7e-5, 3, (2500, 3500), 256)
TEACHER = Stage("teacher", "large", 1e-4, 4, batch_tokens=1024)
TAUGHT = Stage("taught", "both", 7e-5, 5, (3500, 3800), 256)


def encode(tokenizer: BertTokenizer, texts: Sequence[Labelled], longest: int = 128) -> list[Example]:
    """Token ids of labelled texts."""
    ids = tokenizer([text for text, _ in texts], truncation=True, max_length=longest)["input_ids"]
    return [(row, float(label)) for row, (_, label) in zip(ids, texts, strict=True)]


def examples_of(stage: Stage, found: Splits, work: Path) -> list[Example]:
    """The training examples of a stage."""
    tokenizer = BertTokenizer.from_pretrained(str(work / ("large" if stage == TEACHER else "small")))
    sentences = encode(tokenizer, found.sentences)
    if stage == SENTENCES:
        return sentences + encode(tokenizer, telling_sentences(found)[:20_000])
    if stage == TEACHER:
        return 2 * sentences
    reviews = list(found.reviews)
    random.Random(6).shuffle(reviews)
    short = [review for review in reviews if len(review[0].split()) <= 125]
    long = [review for review in reviews if len(review[0].split()) > 125]
    heads = encode(tokenizer, long[slice(*stage.heads)], stage.longest)
    if stage == REVIEWS:
        return sentences + encode(tokenizer, short[:5000], stage.longest) + heads
    if stage == BOTH:
        return 2 * sentences + heads
    texts = found.sentences + any_sentences(found, 14_000)
    opinions = teachers_opinions(work, texts)
    # The teacher has seen the labels of the Rotten Tomatoes sentences: there its opinion and the label count alike.
    known = len(sentences)
    taught = [
        (ids, (label + opinion) / 2 if i < known else opinion)
        for i, ((ids, label), opinion) in enumerate(zip(encode(tokenizer, texts), opinions, strict=True))
    ]
    return taught + heads


@torch.inference_mode()
def teachers_opinions(work: Path, texts: Sequence[Labelled]) -> list[float]:
    """How probably each text is positive, says the teacher."""
    tokenizer = BertTokenizer.from_pretrained(str(work / "large"))
    model = BertForSequenceClassification.from_pretrained(str(work / TEACHER.name)).eval()
    examples = encode(tokenizer, texts)
    order = sorted(range(len(examples)), key=lambda i: len(examples[i][0]))
    opinions = [0.0] * len(examples)
    for start in range(0, len(order), 64):
        chosen = order[start : start + 64]
        inputs = collate([examples[i] for i in chosen])
        inputs.pop("labels")
        for i, (_, positive) in zip(chosen, model(**inputs)[0].softmax(1).tolist(), strict=True):
            opinions[i] = positive
    return opinions


def begin(folder: Path, layers: int, pieces: Sequence[str], rows: Sequence[int]) -> None:
    """Write a classifier with the lower layers of MiniLM and those rows of its word table.

    Args:
        folder: where to.
        layers: how many layers.
        pieces: the vocabulary.
        rows: the row of each piece in MiniLM's table.
    """
    making = folder.with_name(folder.name + ".part")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    (making / "vocab.txt").write_text("".join(f"{piece}\n" for piece in pieces), encoding="utf-8")
    (making / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": True, "model_max_length": 512}))
    torch.manual_seed(0)
    source = BertModel.from_pretrained(str(minilm(folder.parent)), num_hidden_layers=layers)
    config = source.config
    config.vocab_size = len(rows)
    config.attention_probs_dropout_prob = 0.0  # dropout in attention keeps torch from its fast kernel
    config.id2label, config.label2id = dict(enumerate(LABELS)), {label: i for i, label in enumerate(LABELS)}
    model = BertForSequenceClassification(config)
    weights = source.state_dict()
    table = "embeddings.word_embeddings.weight"
    weights[table] = weights[table][rows]
    model.base_model.load_state_dict(weights)
    model.save_pretrained(str(making))
    making.rename(folder)


def batches(examples: Sequence[Example], tokens: int, shuffler: random.Random) -> list[list[Example]]:
    """Batches of at most `tokens`, each of texts of like length, in random order."""
    order = sorted(examples, key=lambda example: (len(example[0]), shuffler.random()))
    made: list[list[Example]] = [[]]
    for example in order:
        if len(example[0]) * (len(made[-1]) + 1) > tokens:
            made.append([])
        made[-1].append(example)
    shuffler.shuffle(made)
    return made


def collate(batch: Sequence[Example]) -> dict[str, torch.Tensor]:
    """Padded ids, mask and labels. *Shape:* `[batch, longest]`, labels `[batch, 2]`."""
    longest = max(len(ids) for ids, _ in batch)
    return {
        "input_ids": torch.tensor([ids + [0] * (longest - len(ids)) for ids, _ in batch]),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * (longest - len(ids)) for ids, _ in batch]),
        "labels": torch.tensor([[1 - positive, positive] for _, positive in batch]),
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
    made = batches(examples, stage.batch_tokens, random.Random(stage.seed))
    warmup = 0.06 * len(made)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / warmup) * (1 - step / len(made))
    )
    torch.manual_seed(stage.seed * 1000 + rank)
    began, tokens, losses = time.monotonic(), 0, []
    for step, batch in enumerate(made, 1):
        # A worker with no row of its own repeats one, so that all meet at every step.
        inputs = collate(batch[rank::workers] or batch[:1])
        labels = inputs.pop("labels")
        loss = F.cross_entropy(copies(**inputs)[0], labels)
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
    found = splits(work)
    if not (work / "small").is_dir():
        begin(work / "small", LAYERS, *choose_vocabulary(found, work, PIECES))
    if not (work / "large").is_dir():
        pieces = (minilm(work) / "vocab.txt").read_text(encoding="utf-8").splitlines()
        begin(work / "large", 6, pieces, range(len(pieces)))
    for stage in (SENTENCES, REVIEWS, BOTH, TEACHER, TAUGHT):
        target = work / stage.name
        if not target.is_dir():
            Path(f"{target}.meeting").unlink(missing_ok=True)
            arguments = (workers, stage, work / stage.source, target, examples_of(stage, found, work))
            torch.multiprocessing.spawn(fine_tune, arguments, nprocs=workers)
    model = BertForSequenceClassification.from_pretrained(str(work / TAUGHT.name))
    publish(model, BertTokenizer.from_pretrained(str(work / "small")), work, output)


def accuracy(classify: Pipeline, texts: Sequence[Labelled]) -> float:
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
