"""Text generation against the peers, and against what reading the weights takes."""

from __future__ import annotations

import random
import statistics
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.client import Worker
from benchmarks.environments import CACHE
from benchmarks.generators import BART, GPT2, T5, Generator, make_generator
from benchmarks.measure import take_turns
from benchmarks.parts import Bounds, Setting
from benchmarks.report import Report

NEW = 64
SCORED = 16
"""Texts whose scores are compared."""


@dataclass(frozen=True)
class Case:
    """What to generate: `rows` texts of `length` tokens with `beams` beams."""

    name: str
    generator: Generator
    rows: int
    length: int
    beams: int


CASES = (
    Case("GPT-2 small, greedy, 1 text", GPT2, 1, 32, 1),
    Case("GPT-2 small, greedy, 8 texts", GPT2, 8, 32, 1),
    Case("BART-base, 4 beams, 1 text", BART, 1, 64, 4),
    Case("T5-small, 4 beams, 4 texts", T5, 4, 32, 4),
)
OURS = {
    "formers": {},
    "formers, packed": {"packed": True},
    "formers, bfloat16": {"dtype": "bfloat16"},
    "formers, int8": {"quantize": "int8"},
}
PEER = "transformers"
CONVERTED = {"CTranslate2": "float32", "CTranslate2, int8": "int8"}
BYTES = {"formers, bfloat16": 2, "formers, int8": 1, "CTranslate2, int8": 1}


def generation(setting: Setting, report: Report, limits: Bounds) -> None:
    """Tokens a second and memory of `generate()`."""
    report.heading(f"Generation of {NEW} tokens")
    with Worker(setting.peer, "ctranslating.py") as peer:
        version = peer.call("versions")["ctranslate2"]
    report.add(
        f"CTranslate2 {version}. No text ends before its last token. The bound is the time to read all weights that a "
        "step multiplies with, in the bytes that the row keeps them in, or to compute their products in fp32, "
        "whichever is longer; attention and the encoder come on top. Memory: growth of the peak resident set over "
        "that after the imports, to the end of the first text. Change of scores: its root mean square over the "
        f"deviation of the scores in fp32, for the next token of {SCORED} texts; equal words: the share of them whose "
        "best next word is that of fp32. The weights are random: the best words lie closer together than in a trained "
        "model.",
    )
    for case in CASES:
        _case(setting, report, limits, case)


def _case(setting: Setting, report: Report, limits: Bounds, case: Case) -> None:
    folder = make_generator(case.generator, CACHE)
    texts = _texts(case.rows, case.length)
    request: dict[str, Any] = {"ids": texts, "beams": case.beams, "new": NEW}
    first = request | {"new": 2}
    model_class = case.generator.classes[1]
    converted = str(CACHE / f"{case.generator.folder}-ctranslate2")
    with ExitStack() as stack:
        workers: dict[str, Worker] = {}
        peak: dict[str, float] = {}
        for name, options in {**OURS, PEER: {}}.items():
            library = "transformers" if name == PEER else "formers"
            python = setting.peer if name == PEER else setting.ours
            worker = workers[name] = stack.enter_context(Worker(python, "generating.py", library))
            loaded = worker.call("load", folder=str(folder), model_class=model_class, options=options, first=first)
            peak[name] = loaded["peak_bytes"]
        for name, kind in CONVERTED.items():
            worker = workers[name] = stack.enter_context(Worker(setting.peer, "ctranslating.py"))
            worker.call("convert", folder=str(folder), target=converted)
            loaded = worker.call(
                "load", folder=converted, paired=case.generator.paired, compute_type=kind, first=first
            )
            peak[name] = loaded["peak_bytes"]
        calls = {name: partial(worker.call, "generate", **request) for name, worker in workers.items()}
        records = take_turns(calls, setting.repeats)
        cost = _cost({name: workers[name] for name in OURS}, case)
    for name, rounds in records.items():
        found = {len(row) for row in rounds[0]["tokens"]}
        # BART's last token is its end, by rule, and some give texts back without their end.
        if not found <= {NEW - 1, NEW}:
            raise RuntimeError(f"{name} generated {sorted(found)} tokens, not {NEW} ({case.name})")
    seconds = {name: statistics.median(record["seconds"] for record in rounds) for name, rounds in records.items()}
    rows = []
    for name, taken in seconds.items():
        read = BYTES.get(name, 4) * case.generator.weights_per_step / limits.memory / 1e9
        computed = 2 * case.rows * case.beams * case.generator.weights_per_step / limits.float32 / 1e9
        bound = read if name.endswith("int8") else max(read, computed)
        change, equal = cost.get(name, ("", ""))
        rows.append(
            [
                name,
                f"{case.rows * NEW / taken:.1f}",
                f"{taken / seconds['formers']:.2f}",
                f"{bound * NEW / taken:.0%}",
                f"{peak[name] / 1e6:.0f}",
                change,
                equal,
            ]
        )
    report.add("", f"### {case.name}", "")
    report.table(
        ["", "tokens/s", "formers is x", "of bound", "memory MB", "change of scores", "equal words"],
        rows,
    )


def _texts(rows: int, length: int) -> list[list[int]]:
    generator = random.Random(0)
    return [[generator.randrange(10, 30_000) for _ in range(length)] for _ in range(rows)]


def _cost(workers: dict[str, Worker], case: Case) -> dict[str, tuple[str, str]]:
    """What rounding costs: the change of scores, and the share of equal best words."""
    texts = _texts(SCORED, case.length)
    request = {"ids": texts, "decoder": _texts(SCORED, 8) if case.generator.paired else None}
    scores = {name: worker.call("scores", **request) for name, worker in workers.items()}
    exact = scores["formers"]
    std = statistics.pstdev(value for row in exact for value in row)
    cost = {}
    for name in scores.keys() - {"formers"}:
        pairs = list(zip(exact, scores[name], strict=True))
        change = statistics.fmean((a - b) ** 2 for before, after in pairs for a, b in zip(before, after, strict=True))
        equal = sum(_best(before) == _best(after) for before, after in pairs)
        cost[name] = (f"{change**0.5 / std:.1%}", f"{equal}/{len(pairs)}")
    return cost


def _best(scores: list[float]) -> int:
    return max(range(len(scores)), key=scores.__getitem__)
