"""Make the translation starter: a Marian model of three million weights, English to French, trained from scratch.

    python -m recipes.translation               # train and publish; goes on from the last checkpoint in --work
    python -m recipes.translation --evaluate    # measure the checkpoint in --output on the held-out pairs

About 175,000 pairs of short sentences from Tatoeba are read four times over by one CPU core in about an hour. What
is published is a moving average of the weights.
"""
import argparse
import copy
import math
import os
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from sacrebleu import corpus_bleu
from torch import nn

from formers import MarianConfig, MarianMTModel, MarianTokenizer, pipeline
from recipes.publishing import publish
from recipes.translation_data import Pair, make_tokenizer, splits, with_variants

OUTPUT = Path(__file__).parents[1] / "src" / "formers" / "starter" / "translation_en_to_fr"
PIECES = 5000
LONGEST = 64

# Token ids of a sentence and of its translation.
Example = tuple[list[int], list[int]]


@dataclass(frozen=True)
class Plan:
    """How long to train and how fast.

    The learning rate rises, falls with the root of the steps, and in the last `cooling` steps down to nothing.
    """

    steps: int
    cooling: int
    rate: float = 2e-3
    warmup: int = 400
    batch_tokens: int = 800
    wrong_words: int = 1000
    smoothing: float = 0.1
    average: float = 0.998
    seed: int = 1

    def rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        rate = self.rate * min((step + 1) / self.warmup, math.sqrt(self.warmup / (step + 1)))
        return rate * min(1.0, (self.steps - step) / self.cooling)


PLAN = Plan(steps=11_400, cooling=2900)


def fresh_model(vocabulary: int) -> MarianMTModel:
    """A model with random weights."""
    torch.manual_seed(PLAN.seed)
    config = MarianConfig(
        vocab_size=vocabulary,
        d_model=192,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=4,
        decoder_attention_heads=4,
        encoder_ffn_dim=768,
        decoder_ffn_dim=768,
        max_position_embeddings=128,
        init_std=0.03,
        dropout=0.0,
        activation_function="swish",
        static_position_embeddings=True,
        normalize_embedding=False,
        scale_embedding=True,
        eos_token_id=0,
        bos_token_id=0,
        pad_token_id=vocabulary - 1,
        decoder_start_token_id=vocabulary - 1,
        max_length=128,
        num_beams=4,
    )
    return MarianMTModel(config)


def encode(tokenizer: MarianTokenizer, pairs: Sequence[Pair]) -> list[Example]:
    """Token ids of pairs; those with a very long sentence are left out."""
    english, french = (tokenizer(list(texts))["input_ids"] for texts in zip(*pairs, strict=True))
    return [pair for pair in zip(english, french, strict=True) if max(map(len, pair)) <= LONGEST]


def batches(examples: Sequence[Example], tokens: int, shuffler: random.Random) -> list[list[Example]]:
    """Batches of at most `tokens` in the French, each of sentences of like length, in random order."""
    order = sorted(examples, key=lambda pair: (len(pair[0]), len(pair[1]), shuffler.random()))
    made: list[list[Example]] = [[]]
    widest = 0
    for pair in order:
        widest = max(widest, *map(len, pair))
        if widest * (len(made[-1]) + 1) > tokens:
            made.append([])
            widest = max(map(len, pair))
        made[-1].append(pair)
    shuffler.shuffle(made)
    return made


def endless(examples: Sequence[Example], plan: Plan) -> Iterator[list[Example]]:
    """The batches of all passes; the same each time."""
    turn = 0
    while True:
        yield from batches(examples, plan.batch_tokens, random.Random(plan.seed * 1000 + turn))
        turn += 1


def padded(rows: Sequence[list[int]], pad: int) -> torch.Tensor:
    """Rows of ids filled up. *Shape:* `[rows, longest]`."""
    longest = max(map(len, rows))
    return torch.tensor([row + [pad] * (longest - len(row)) for row in rows])


def loss_of(model: MarianMTModel, batch: Sequence[Example], plan: Plan) -> torch.Tensor:
    """Mean cross entropy of the French tokens of a batch.

    The embedding table is the largest matrix of this small model. So only the words that occur in the batch are all
    scored, and a random choice of the others, which stand for those left out too.
    """
    pad = model.config.pad_token_id
    english = padded([row for row, _ in batch], pad)
    french = padded([row for _, row in batch], pad)
    read = torch.cat([french.new_full((len(french), 1), pad), french[:, :-1]], 1)
    hidden = model.base_model(
        english, attention_mask=(english != pad).long(), decoder_input_ids=read, use_cache=False
    )[0]
    told = french != pad
    table = model.get_input_embeddings().weight
    right, targets = french[told].unique(return_inverse=True)
    others = torch.ones(len(table), dtype=torch.bool)
    others[right] = False
    wrong = others.nonzero()[:, 0]
    chosen = wrong[torch.randperm(len(wrong))[: plan.wrong_words]]
    logits = F.linear(hidden[told], table[torch.cat([right, chosen])])
    weights = torch.zeros(logits.shape[1])
    weights[len(right) :] = math.log(len(wrong) / len(chosen))
    return F.cross_entropy(logits + weights, targets, label_smoothing=plan.smoothing)


class Run:
    """A training run that can be interrupted."""

    def __init__(self, model: MarianMTModel, plan: Plan, path: Path) -> None:
        self.model, self.plan, self.path = model.train(), plan, path
        self.average = copy.deepcopy(model)
        self.optimizer = torch.optim.Adam(model.parameters(), lr=plan.rate, betas=(0.9, 0.98), eps=1e-9, fused=True)
        self.step = 0
        if path.is_file():
            self._load()

    def _parts(self) -> dict[str, Any]:
        return {"model": self.model, "average": self.average, "optimizer": self.optimizer}

    def _load(self) -> None:
        saved = torch.load(self.path, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(saved[name])
        torch.set_rng_state(saved["random"])
        self.step = saved["step"]
        print(f"goes on after step {self.step}", flush=True)

    def save(self) -> None:
        """Write a checkpoint; it appears whole or not at all."""
        states = {name: part.state_dict() for name, part in self._parts().items()}
        making = self.path.with_suffix(".part")
        torch.save({**states, "random": torch.get_rng_state(), "step": self.step}, making)
        making.replace(self.path)

    def learn(self, batch: Sequence[Example]) -> float:
        """One step; gives back the loss."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate_at(self.step)
        loss = loss_of(self.model, batch, self.plan)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.step += 1
        # At first the average forgets faster, lest the random beginning stay in it.
        kept = min(self.plan.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, weight in zip(self.average.parameters(), self.model.parameters(), strict=True):
                mean.lerp_(weight, 1 - kept)
        return loss.item()


def bleu(model: MarianMTModel, tokenizer: MarianTokenizer, pairs: Sequence[Pair], beams: int) -> float:
    """BLEU of the translations of the English, each against the one French sentence.

    Args:
        model: any Marian model.
        tokenizer: its tokenizer.
        pairs: English and French.
        beams: 1 for greedy search.
    """
    english, french = (list(texts) for texts in zip(*pairs, strict=True))
    translator = pipeline("translation_en_to_fr", model=model, tokenizer=tokenizer, framework="pt")
    made = [found["translation_text"] for found in translator(english, num_beams=beams)]
    for source, target in list(zip(english, made, strict=True))[:5]:
        print(f"    {source!r} -> {target!r}")
    return corpus_bleu(made, [french]).score


def train(work: Path, plan: Plan) -> tuple[MarianMTModel, MarianTokenizer]:
    """Train to the end of the plan, with a look at the validation pairs every 1000 steps.

    Returns:
        The averaged model and its tokenizer.
    """
    found = splits(work)
    folder = work / "tokenizer"
    if folder.is_dir():
        tokenizer = MarianTokenizer.from_pretrained(str(folder))
    else:
        making = work / "tokenizer.part"
        making.mkdir(parents=True, exist_ok=True)
        make_tokenizer(found.training, PIECES, making)
        making.rename(folder)
        tokenizer = MarianTokenizer.from_pretrained(str(folder))
    examples = encode(tokenizer, with_variants(found.training))
    run = Run(fresh_model(len(tokenizer)), plan, work / "run.pt")
    began = saved = time.monotonic()
    tokens, losses = 0, []
    for number, batch in enumerate(endless(examples, plan)):
        if number < run.step:
            continue
        if run.step >= plan.steps:
            break
        losses.append(run.learn(batch))
        tokens += sum(len(row) for _, row in batch)
        if run.step % 50 == 0:
            seconds, mean = time.monotonic() - began, sum(losses) / len(losses)
            print(f"step {run.step} of {plan.steps}, loss {mean:.4f}, {seconds:.0f} s, "
                  f"{tokens / seconds:.0f} French tokens/s", flush=True)
            losses.clear()
        if time.monotonic() - saved > 600 or run.step == plan.steps:
            run.save()
            saved = time.monotonic()
        if run.step % 1000 == 0:
            score = bleu(run.average.eval(), tokenizer, found.validation, 1)
            print(f"step {run.step}: BLEU {score:.2f} on {len(found.validation)} validation pairs", flush=True)
    return run.average.eval(), tokenizer


def evaluate(work: Path, output: Path) -> dict[str, float]:
    """BLEU of the checkpoint on the test pairs, through the public pipeline.

    Args:
        work: folder for the download.
        output: the checkpoint.
    """
    test = splits(work).test
    model, tokenizer = MarianMTModel.from_pretrained(str(output)), MarianTokenizer.from_pretrained(str(output))
    measured = {}
    for name, beams in (("greedy", 1), ("beam 4", 4)):
        measured[name] = bleu(model.eval(), tokenizer, test, beams)
        print(f"{name}: BLEU {measured[name]:.2f} on {len(test)} held-out pairs", flush=True)
    return measured


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/translation"), help="download and training run")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the checkpoint folder")
    parser.add_argument("--steps", type=int, default=PLAN.steps, help="how long to train")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1, help="CPU threads")
    parser.add_argument("--evaluate", action="store_true", help="only measure the checkpoint in --output")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if not options.evaluate:
        model, tokenizer = train(options.work, replace(PLAN, steps=options.steps))
        publish(model, tokenizer, options.work, options.output)
    evaluate(options.work, options.output)


if __name__ == "__main__":
    main()
