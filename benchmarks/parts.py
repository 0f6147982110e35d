"""What is measured: one function for each part of the report."""

from __future__ import annotations

import platform
import statistics
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.checkpoints import HEADS, HIDDEN, WEIGHTS_PER_TOKEN, products_flop
from benchmarks.client import Worker
from benchmarks.measure import medians, take_turns
from benchmarks.report import Report
from benchmarks.sentences import SHORT_SENTENCE, sentences, words_of

BATCH_SIZES = (4, 8, 16, 32)
FEW = 8
PEER_DEFAULT = "transformers, default"


@dataclass(frozen=True)
class Setting:
    """What all parts share."""

    checkpoint: Path
    ours: Path
    peer: Path
    repeats: int
    texts: int

    @property
    def vocabulary(self) -> list[str]:
        """Tokens of the checkpoint's vocabulary."""
        return (self.checkpoint / "vocab.txt").read_text(encoding="utf-8").splitlines()

    @property
    def bytes(self) -> int:
        """Size of the weights' file."""
        return (self.checkpoint / "model.safetensors").stat().st_size

    def library(self, name: str) -> Worker:
        """A worker with `formers` or the peer library `transformers`."""
        return Worker(self.ours if name == "formers" else self.peer, "pipelines.py", name)


@dataclass(frozen=True)
class Bounds:
    """The machine's limits: GFLOP/s of products, GB/s of reading memory."""

    float32: float
    bfloat16: float
    memory: float
    bf16_instructions: bool


def machine(setting: Setting, report: Report) -> None:
    """Name processor and versions."""
    model = platform.processor()
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
    with setting.library("formers") as ours, setting.library("transformers") as peer, _onnx(setting) as onnx:
        versions = ours.call("versions") | peer.call("versions") | onnx.call("versions")
    cores = versions.pop("cores")
    named = ", ".join(f"{name} {version}" for name, version in versions.items())
    report.add("", f"{model}, {cores} cores; {named}.")
    report.add("", f"Medians of {setting.repeats} repeats that take turns; ratios above 1: formers is better.")


def bounds(setting: Setting, report: Report) -> Bounds:
    """Measure the machine's limits."""
    with Worker(setting.ours, "bounds.py") as worker:
        limits = Bounds(
            float32=worker.call("products", dtype="float32", seconds=1.5),
            bfloat16=worker.call("products", dtype="bfloat16", seconds=1.5),
            memory=worker.call("memory_read", seconds=2),
            bf16_instructions=worker.call("bf16_instructions"),
        )
    report.heading("The machine's bounds")
    instructions = "has" if limits.bf16_instructions else "has no"
    report.add(
        f"Matrix products: fp32 {limits.float32:.0f} GFLOP/s, bf16 {limits.bfloat16:.0f} GFLOP/s "
        f"(the processor {instructions} bf16 instructions). Reading memory: {limits.memory:.1f} GB/s."
    )
    return limits


def imports(setting: Setting, report: Report, limits: Bounds) -> None:
    """`from library import pipeline` in a new process."""

    def contender(python: Path, library: str) -> Callable[[], float]:
        code = f"import time; t = time.perf_counter(); from {library} import pipeline; print(time.perf_counter() - t)"
        return lambda: float(subprocess.run([python, "-c", code], check=True, capture_output=True, text=True).stdout)

    contenders = {
        "formers": contender(setting.ours, "formers"),
        "transformers": contender(setting.peer, "transformers"),
    }
    take_turns(contenders, 1)  # byte-compiles, fills the page cache
    seconds = {name: statistics.median(times) for name, times in take_turns(contenders, setting.repeats).items()}
    report.heading("Import of `pipeline`")
    report.table(
        ["library", "seconds", "ratio"],
        [[name, f"{s:.3f}", f"{s / seconds['formers']:.1f}"] for name, s in seconds.items()],
    )


def loading(setting: Setting, report: Report, limits: Bounds) -> None:
    """A new process loads the classifier and answers one sentence."""

    def contender(library: str, dtype: str | None) -> Callable[[], dict[str, float]]:
        def run() -> dict[str, float]:
            with setting.library(library) as worker:
                return worker.call("load", folder=str(setting.checkpoint), dtype=dtype, first=SHORT_SENTENCE)

        return run

    contenders = {
        "transformers": contender("transformers", None),
        "formers": contender("formers", None),
        "formers, bfloat16": contender("formers", "bfloat16"),
    }
    take_turns(contenders, 1)
    result = {name: medians(records) for name, records in take_turns(contenders, setting.repeats).items()}
    peer = result["transformers"]
    report.heading("Loading")
    report.add(
        f"The file has {setting.bytes / 1e6:.0f} MB. Memory: growth of the peak resident set over that after the "
        "imports, as a multiple of the file. A mapped file is read when needed, so the first answer counts too.",
        "",
    )
    report.table(
        ["library", "load s", "ratio", "memory", "to first answer s", "ratio", "memory"],
        [
            [
                name,
                f"{r['load_s']:.3f}",
                f"{peer['load_s'] / r['load_s']:.2f}",
                f"{r['load_bytes'] / setting.bytes:.2f}",
                f"{r['first_answer_s']:.3f}",
                f"{peer['first_answer_s'] / r['first_answer_s']:.2f}",
                f"{r['first_answer_bytes'] / setting.bytes:.2f}",
            ]
            for name, r in result.items()
        ],
    )


def tokenization(setting: Setting, report: Report, limits: Bounds) -> None:
    """10,000 sentences through the tokenizer's call."""
    texts = sentences(words_of(setting.vocabulary), 10_000, seed=1)
    with setting.library("formers") as ours, setting.library("transformers") as peer:
        contenders = {}
        for name, worker in (("formers", ours), ("transformers", peer)):
            worker.call("load_tokenizer", folder=str(setting.checkpoint))
            contenders[name] = partial(worker.call, "tokenize", texts=texts)
        first = take_turns(contenders, 1)
        if first["formers"][0]["lengths"] != first["transformers"][0]["lengths"]:
            raise RuntimeError("the two tokenizers give different numbers of tokens for the same sentences")
        records = take_turns(contenders, setting.repeats)
    seconds = {name: statistics.median(r["seconds"] for r in rounds) for name, rounds in records.items()}
    tokens = sum(first["formers"][0]["lengths"])
    report.heading("Tokenization of 10,000 sentences")
    report.add(
        "The first call meets every word for the first time; the others are repeats with the same sentences, whose "
        "words formers remembers.",
        "",
    )
    report.table(
        ["library", "first call s", "ratio", "seconds", "ratio", "tokens/s"],
        [
            [
                name,
                f"{first[name][0]['seconds']:.3f}",
                f"{first[name][0]['seconds'] / first['formers'][0]['seconds']:.2f}",
                f"{s:.3f}",
                f"{s / seconds['formers']:.2f}",
                f"{tokens / s:,.0f}",
            ]
            for name, s in seconds.items()
        ],
    )


def sentiment(setting: Setting, report: Report, limits: Bounds) -> None:
    """Throughput over texts of mixed length, and the latency of one short sentence."""
    texts = sentences(words_of(setting.vocabulary), setting.texts)
    folder = str(setting.checkpoint)
    with (
        setting.library("formers") as ours,
        setting.library("formers") as ours_packed,
        setting.library("formers") as ours_bf16,
        setting.library("transformers") as peer,
        _onnx(setting) as onnx,
    ):
        ours.call("load", folder=folder, dtype=None, first=SHORT_SENTENCE)
        ours_packed.call("load", folder=folder, dtype=None, first=SHORT_SENTENCE, packed=True)
        ours_bf16.call("load", folder=folder, dtype="bfloat16", first=SHORT_SENTENCE)
        threads = int(peer.call("load", folder=folder, dtype=None, first=SHORT_SENTENCE)["threads"])
        vocabulary = str(setting.checkpoint / "vocab.txt")
        model = str(setting.checkpoint / "model.onnx")
        onnx.call("export", folder=folder, target=model, heads=HEADS, hidden=HIDDEN)
        onnx.call("load", model=model, vocabulary=vocabulary, threads=threads)
        peer.call("load_tokenizer", folder=folder)
        lengths = peer.call("tokenize", texts=texts)["lengths"]
        short = peer.call("tokenize", texts=[SHORT_SENTENCE])["lengths"][0]

        # Where bf16 is imitated it takes many times as long: a few texts show that.
        half = texts if limits.bf16_instructions else texts[:FEW]
        contenders: dict[str, Callable[[], dict[str, Any]]] = {
            "formers": partial(ours.call, "classify", texts=texts),
            "formers, packed": partial(ours_packed.call, "classify", texts=texts),
            f"formers, bfloat16, {len(half)} texts": partial(ours_bf16.call, "classify", texts=half),
            PEER_DEFAULT: partial(peer.call, "classify", texts=texts),
            "onnxruntime, one by one": partial(onnx.call, "classify", texts=texts, batch_size=1),
        }
        for kind, worker in (("transformers", peer), ("onnxruntime", onnx)):
            for by_length in (False, True) if kind == "transformers" else (True,):
                size = _best_batch_size(worker, texts, by_length)
                label = f"{kind}, {'sorted by hand, ' if by_length else ''}batch_size {size}"
                contenders[label] = partial(worker.call, "classify", texts=texts, batch_size=size, by_length=by_length)
        records = take_turns(contenders, setting.repeats)
        _throughput(report, limits, records, lengths)

        calls = {
            name: partial(worker.call, "latency", text=SHORT_SENTENCE, calls=21)
            for name, worker in {
                "formers": ours,
                "formers, packed": ours_packed,
                "formers, bfloat16": ours_bf16,
                "transformers": peer,
                "onnxruntime": onnx,
            }.items()
        }
        seconds = {name: statistics.median(times) for name, times in take_turns(calls, setting.repeats).items()}
    _latency(report, limits, seconds, short)


def _onnx(setting: Setting) -> Worker:
    return Worker(setting.peer, "runtime.py")


def _best_batch_size(worker: Worker, texts: list[str], by_length: bool) -> int:
    times = {
        size: worker.call("classify", texts=texts, batch_size=size, by_length=by_length)["seconds"]
        for size in BATCH_SIZES
    }
    return min(times, key=lambda size: times[size])


def _throughput(report: Report, limits: Bounds, records: dict[str, list[dict[str, Any]]], lengths: list[int]) -> None:
    seconds = {name: statistics.median(r["seconds"] for r in rounds) for name, rounds in records.items()}
    reference = records[PEER_DEFAULT][0]["positive"]
    whole = products_flop(lengths) / 1e9
    rows = []
    for name, s in seconds.items():
        scores = records[name][0]["positive"]
        compared = reference[: len(scores)]
        rate, default_rate = len(scores) / s, len(reference) / seconds[PEER_DEFAULT]
        work = products_flop(lengths[: len(scores)]) / 1e9
        bound = limits.bfloat16 if "bfloat16" in name else limits.float32
        rows.append(
            [
                name,
                f"{rate:.1f}",
                f"{len(reference) / seconds['formers'] / rate:.2f}",
                f"{rate / default_rate:.2f}",
                f"{work / s / bound:.0%}",
                f"{max(abs(a - b) for a, b in zip(scores, compared, strict=True)):.1e}",
                str(sum((a > 0.5) != (b > 0.5) for a, b in zip(scores, compared, strict=True))),
            ]
        )
    report.heading(f"Sentiment of {len(lengths)} texts of mixed length")
    report.add(
        f"{sum(lengths)} tokens; median {statistics.median(lengths):.0f}, longest {max(lengths)}. The products alone "
        f"are {whole:.0f} GFLOP: at least {whole / limits.float32:.1f} s in fp32. Scores are compared to those of the "
        "peer's default call.",
        "",
    )
    report.table(
        ["", "texts/s", "formers is x", "x default", "of product bound", "largest change of a score", "labels changed"],
        rows,
    )


def _latency(report: Report, limits: Bounds, seconds: dict[str, float], tokens: int) -> None:
    reading = 4 * WEIGHTS_PER_TOKEN / limits.memory / 1e9
    products = products_flop([tokens]) / limits.float32 / 1e9
    report.heading(f"One short sentence ({tokens} tokens)")
    report.add(
        f"In fp32 reading the weights takes at least {reading * 1e3:.1f} ms, the products {products * 1e3:.1f} ms.",
        "",
    )
    report.table(
        ["", "ms", "formers is x", "of fp32 bound"],
        [
            [name, f"{s * 1e3:.1f}", f"{s / seconds['formers']:.2f}", f"{max(reading, products) / s:.0%}"]
            for name, s in seconds.items()
        ],
    )
