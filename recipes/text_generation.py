"""Make the text-generation starter: a GPT-2 of eight million weights that learns to tell stories from a small Llama.

    python -m recipes.text_generation               # all rounds; what is finished in --work is used again
    python -m recipes.text_generation --evaluate    # measure the checkpoint in --output on held-out stories

The teacher is stories15M, see `recipes.storyteller`. The student takes over its pieces and, as far as they have a place
in a GPT-2, its weights (`recipes.transplant`). Then it learns in rounds. In each the teacher tells 256 texts that
are new, and the student reads them twice: with the token that starts a story, and without it, as a prompt comes. In the
first round every layer learns by itself to do what the teacher's layer does with the teacher's states; in the others
the whole student learns what the teacher expects next, and its states.
"""
import argparse
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers import GPT2Config, GPT2LMHeadModel, GPT2Tokenizer
from recipes.packages import stories15m
from recipes.publishing import publish
from recipes.story_vocabulary import choose_pieces, write_vocabulary
from recipes.storyteller import START, StoryTeller, read_model, read_pieces
from recipes.transplant import transplant

OUTPUT = Path(__file__).parents[1] / "src" / "formers" / "starter" / "text-generation"
PIECES = 4096
WIDTH = 336  # the teacher's 288, and 48 for positions
TEXTS = 256  # in a round
BATCH = 8
ROUND = 2 * TEXTS // BATCH  # steps
WARMUP = 20
TEMPERATURE = 0.9
RATES = (1e-3, 3e-4)  # in the first round, and in the others
ROUNDS = 3
CALM = 2  # the last rounds, over which the rate falls to zero
SEED = 7  # of the first round's texts; each round's is one more
HELD_OUT = 1000  # the seed of the texts to measure on


def vocabulary(teacher: StoryTeller, pieces: Sequence[bytes], work: Path) -> list[int]:
    """The teacher's pieces that the student knows; writes its vocabulary."""
    path = work / "pieces.pt"
    if not path.exists():
        told = teacher.tell(48, TEMPERATURE, START, seed=0)
        expected = sum(teacher.scores(teacher.states(part)[-1]).softmax(-1).sum((0, 1)) for part in told.split(8))
        rows = choose_pieces(pieces, expected.tolist(), PIECES)
        write_vocabulary(pieces, rows, work)
        save(torch.tensor(rows), path)
    return torch.load(path, weights_only=True).tolist()


def texts_of(teacher: StoryTeller, seed: int, work: Path) -> Tensor:
    """Texts of the teacher, told now or before. *Shape:* `[texts, 256]`."""
    path = work / f"texts-{seed}.pt"
    if not path.exists():
        began = time.monotonic()
        save(teacher.tell(TEXTS, TEMPERATURE, PIECES - 1, seed), path)
        print(f"texts {seed}: {time.monotonic() - began:.0f} s", flush=True)
    return torch.load(path, weights_only=True)


def save(value: object, path: Path) -> None:
    """Save with torch; the file appears whole or not at all."""
    making = path.with_name(path.name + ".part")
    torch.save(value, making)
    making.replace(path)


def config(teacher: StoryTeller) -> GPT2Config:
    """The student's configuration."""
    return GPT2Config(
        vocab_size=PIECES,
        n_positions=teacher.longest,
        n_ctx=teacher.longest,
        n_embd=WIDTH,
        n_layer=len(teacher.layers),
        n_head=teacher.heads,
        resid_pdrop=0.0,
        embd_pdrop=0.0,
        attn_pdrop=0.0,
        bos_token_id=PIECES - 1,
        eos_token_id=PIECES - 1,
        pad_token_id=PIECES - 1,
        task_specific_params={
            "text-generation": {"do_sample": True, "max_length": 200, "temperature": 0.6, "top_k": 40}
        },
    )


def layers_apart(teacher: StoryTeller, model: GPT2LMHeadModel, ids: Tensor) -> tuple[Tensor, Tensor]:
    """How far each layer is from changing the teacher's states as the teacher does, and what this is summed up."""
    student = model.transformer
    states = teacher.states(ids)
    width = states[0].shape[-1]
    positions = student.wpe.weight[: ids.shape[1], width:].expand(*ids.shape, -1)
    errors = []
    for layer, before, after in zip(student.h, states, states[1:], strict=False):
        inputs = torch.cat((before, positions), -1)
        change = layer(inputs)[0] - inputs
        wanted = F.pad(after - before, (0, positions.shape[-1]))
        errors.append(F.mse_loss(change, wanted) / wanted.square().mean())
    found = torch.stack(errors)
    return found.sum(), found.detach()


def whole(teacher: StoryTeller, model: GPT2LMHeadModel, ids: Tensor) -> tuple[Tensor, Tensor]:
    """How far the student's expectations and states are from the teacher's; the former in the mean, in nats."""
    wanted = teacher.states(ids)
    width = wanted[0].shape[-1]
    scores, states = model(ids, output_hidden_states=True, use_cache=False)
    expected = teacher.scores(wanted[-1]).log_softmax(-1)
    found, expected = scores.log_softmax(-1).flatten(0, 1), expected.flatten(0, 1)
    divergence = F.kl_div(found, expected, reduction="batchmean", log_target=True)
    distances = [
        F.mse_loss(state[..., :width], one) / one.square().mean()
        for state, one in zip(states[1:-1], wanted[1:-1], strict=True)
    ]
    return divergence + torch.stack(distances).mean(), divergence.detach()


def batches(texts: Tensor, seed: int) -> list[Tensor]:
    """The batches of a round: each text with its first token and without, in random order."""
    shuffler = random.Random(seed)
    made = []
    for first in (0, 1):
        order = shuffler.sample(range(len(texts)), len(texts))
        made += [texts[order[start : start + BATCH], first:] for start in range(0, len(texts), BATCH)]
    return made


def rate(step: int, steps: int) -> float:
    """The learning rate: it warms up in the first round and again in the second, and falls to zero in the last ones."""
    warm = min(1.0, (step % ROUND + 1) / WARMUP) if step < 2 * ROUND else 1.0
    return RATES[step >= ROUND] * warm * min(1.0, (steps - step) / (CALM * ROUND))


def learn(teacher: StoryTeller, work: Path) -> GPT2LMHeadModel:
    """All rounds; the state is kept now and then, and where there is one, what comes before it is not done again."""
    torch.manual_seed(0)
    model = GPT2LMHeadModel(config(teacher)).train()
    model.get_output_embeddings().weight.requires_grad_(False)
    # The table of pieces is the teacher's and stays.
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(weights, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
    kept, start = work / "learning.pt", 0
    if kept.exists():
        state = torch.load(kept, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        start = state["step"]
    else:
        transplant(teacher, model, texts_of(teacher, SEED, work)[:64])
    began, errors, steps = time.process_time(), [], ROUNDS * ROUND
    for step in range(start, steps):
        number, place = divmod(step, ROUND)
        if step == start or place == 0:
            made = batches(texts_of(teacher, SEED + number, work), number)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps)
        loss, error = (whole if number else layers_apart)(teacher, model, made[place])
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        errors.append(error)
        if (step + 1) % 8 == 0:
            mean = ", ".join(f"{value:.4f}" for value in torch.stack(errors).mean(0).view(-1).tolist())
            spent = time.process_time() - began
            print(f"round {number}, step {step + 1} of {steps}: {mean}; {spent:.0f} s", flush=True)
            errors.clear()
        if (step + 1) % 16 == 0:
            save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, kept)
    return model


def make(work: Path, output: Path) -> None:
    """Run the rounds that are not finished, then write the checkpoint in half precision."""
    teacher = teacher_of(work)
    model = learn(teacher, work)
    tokenizer = GPT2Tokenizer(
        str(work / "vocab.json"), str(work / "merges.txt"), add_prefix_space=True, model_max_length=teacher.longest
    )
    publish(model, tokenizer, work, output)


def teacher_of(work: Path) -> StoryTeller:
    """The teacher, with the student's pieces; writes the student's vocabulary."""
    path = stories15m(work)
    teacher = read_model(path)
    return teacher.with_pieces(vocabulary(teacher, read_pieces(path), work))


@torch.no_grad()
def evaluate(work: Path, output: Path, number: int) -> dict[str, float]:
    """Perplexity of student and teacher on texts of the teacher that the student has not seen.

    Args:
        work: folder for downloads.
        output: the checkpoint.
        number: how many texts; each has 255 pieces after its first.

    Returns:
        Perplexity a piece and a word of both, and how often they expect the same piece most.
    """
    teacher = teacher_of(work)
    texts = teacher.tell(number, TEMPERATURE, PIECES - 1, HELD_OUT)
    model = GPT2LMHeadModel.from_pretrained(str(output))
    tokenizer = GPT2Tokenizer.from_pretrained(str(output))
    words = sum(len(tokenizer.decode(row, skip_special_tokens=True).split()) for row in texts.tolist())
    surprise, same, pieces = {"student": 0.0, "teacher": 0.0}, 0, texts[:, 1:].numel()
    for part in texts.split(BATCH):
        scores = {"student": model(part)[0], "teacher": teacher.scores(teacher.states(part)[-1])}
        for name, found in scores.items():
            loss = F.cross_entropy(found[:, :-1].flatten(0, 1), part[:, 1:].flatten(), reduction="sum")
            surprise[name] += loss.item()
        first, second = (found[:, :-1].argmax(-1) for found in scores.values())
        same += int((first == second).sum())
    measured = {"same piece expected": same / pieces}
    for name, value in surprise.items():
        measured[f"{name}, a piece"] = math.exp(value / pieces)
        measured[f"{name}, a word"] = math.exp(value / words)
    print(f"{number} texts, {words} words: " + ", ".join(f"{name} {value:.3f}" for name, value in measured.items()))
    return measured


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, default=Path("build/text-generation"), help="downloads, texts, student")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the checkpoint folder")
    parser.add_argument("--evaluate", action="store_true", help="only measure the checkpoint in --output")
    parser.add_argument("--texts", type=int, default=64, help="held-out texts to measure on")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if not options.evaluate:
        make(options.work, options.output)
    evaluate(options.work, options.output, options.texts)


if __name__ == "__main__":
    main()
