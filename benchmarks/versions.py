"""`python -m benchmarks.versions --before DIR`: this checkout against another one, in turn, as ratios.

Both run in this environment: a checkout's `src` is put before the installed package. Every round runs each version once
in the same minute; a ratio is the median of the ratios of the rounds.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.checkpoints import make_checkpoint
from benchmarks.client import Worker
from benchmarks.environments import CACHE
from benchmarks.generation import CASES, NEW
from benchmarks.generators import make_generator
from benchmarks.measure import take_turns
from benchmarks.report import Report
from benchmarks.sentences import SHORT_SENTENCE, sentences, words_of

HERE = Path(__file__).parents[1]
Make = Callable[[Path, ExitStack], Callable[[], float]]
"""Checkout -> a function that runs a measurement once and gives seconds."""


def measurements(texts: int) -> Iterator[tuple[str, Make]]:
    """Yield what is measured: a name, and how a version is made ready for it."""
    folder = str(make_checkpoint(CACHE / "bert-base-classifier"))
    words = words_of((Path(folder) / "vocab.txt").read_text(encoding="utf-8").splitlines())
    chosen = sentences(words, texts)
    for framework in ("pt", "tf"):
        yield f"sentiment of {texts} texts, {framework}", partial(_classify, folder, framework, chosen)
        yield f"one short sentence, {framework}", partial(_short, folder, framework)
    yield "tokenization of 10,000 sentences", partial(_tokenize, folder, sentences(words, 10_000))
    yield "load and first answer, pt", partial(_load, folder)
    for case in CASES:
        yield f"{case.name}, pt", partial(_generate, case, "")
    yield f"{CASES[0].name}, tf", partial(_generate, CASES[0], "TF")
    yield f"{CASES[3].name}, tf", partial(_generate, CASES[3], "TF")


def _worker(script: str, checkout: Path, stack: ExitStack) -> Worker:
    return stack.enter_context(Worker(Path(sys.executable), script, "formers", source=checkout / "src"))


def _pipeline(folder: str, framework: str, checkout: Path, stack: ExitStack) -> Worker:
    worker = _worker("pipelines.py", checkout, stack)
    worker.call("load", folder=folder, dtype=None, first=SHORT_SENTENCE, framework=framework)
    return worker


def _classify(folder: str, framework: str, texts: list[str], checkout: Path, stack: ExitStack) -> Callable[[], float]:
    worker = _pipeline(folder, framework, checkout, stack)
    return lambda: worker.call("classify", texts=texts)["seconds"]


def _short(folder: str, framework: str, checkout: Path, stack: ExitStack) -> Callable[[], float]:
    worker = _pipeline(folder, framework, checkout, stack)
    return lambda: worker.call("latency", text=SHORT_SENTENCE, calls=21)


def _tokenize(folder: str, texts: list[str], checkout: Path, stack: ExitStack) -> Callable[[], float]:
    worker = _worker("pipelines.py", checkout, stack)
    worker.call("load_tokenizer", folder=folder)
    return lambda: worker.call("tokenize", texts=texts)["seconds"]


def _load(folder: str, checkout: Path, stack: ExitStack) -> Callable[[], float]:
    def run() -> float:
        with ExitStack() as own:
            loaded = _worker("pipelines.py", checkout, own).call(
                "load", folder=folder, dtype=None, first=SHORT_SENTENCE, framework="pt"
            )
            return loaded["first_answer_s"]

    return run


def _generate(case: Any, prefix: str, checkout: Path, stack: ExitStack) -> Callable[[], float]:
    folder = make_generator(case.generator, CACHE)
    draw = random.Random(0)
    ids = [[draw.randrange(1000, 20000) for _ in range(case.length)] for _ in range(case.rows)]
    worker = _worker("generating.py", checkout, stack)
    request = {"ids": ids, "beams": case.beams, "new": NEW}
    model_class = prefix + case.generator.classes[1]
    worker.call("load", folder=str(folder), model_class=model_class, options={}, first=request | {"new": 2})
    return lambda: worker.call("generate", **request)["seconds"]


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.versions", description=__doc__)
    parser.add_argument("--before", type=Path, required=True, help="another checkout")
    parser.add_argument("--repeats", type=int, default=5, help="rounds of each measurement (%(default)s)")
    parser.add_argument("--texts", type=int, default=128, help="texts of the sentiment part (%(default)s)")
    parser.add_argument("--only", default="", help="measure only what has this in its name")
    parser.add_argument("--output", type=Path, help="a file to write the table to")
    options = parser.parse_args()
    report = Report()
    rows = []
    for name, make in measurements(options.texts):
        if options.only not in name:
            continue
        with ExitStack() as stack:
            calls = {str(place): make(place, stack) for place in (options.before, HERE)}
            for call in calls.values():
                call()
            before, after = take_turns(calls, options.repeats).values()
        ratio = statistics.median(new / old for old, new in zip(before, after, strict=True))
        rows.append([name, f"{statistics.median(before):.4f}", f"{statistics.median(after):.4f}", f"{ratio:.3f}"])
        print(*rows[-1], sep="  ", flush=True)
    report.table(["what", "before, s", "after, s", "after / before"], rows)
    if options.output is not None:
        report.write(options.output)


if __name__ == "__main__":
    main()
