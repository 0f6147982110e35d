"""The same pipeline on both frameworks."""

from __future__ import annotations

import statistics
from functools import partial
from importlib.util import find_spec

from benchmarks.measure import take_turns
from benchmarks.parts import Bounds, Setting
from benchmarks.report import Report
from benchmarks.sentences import SHORT_SENTENCE, sentences, words_of


def frameworks(setting: Setting, report: Report, limits: Bounds) -> None:
    """Throughput over texts of mixed length and latency of one short sentence, on PyTorch and on TensorFlow."""
    report.heading("The pipeline on PyTorch and on TensorFlow")
    if find_spec("tensorflow") is None:
        report.add("TensorFlow is not installed here (`pip install formers[tf-cpu]`): not measured.", "")
        return
    texts = sentences(words_of(setting.vocabulary), setting.texts)
    with setting.library("formers") as torch, setting.library("formers") as tensorflow:
        workers = {"pt": torch, "tf": tensorflow}
        for framework, worker in workers.items():
            worker.call("load", folder=str(setting.checkpoint), dtype=None, first=SHORT_SENTENCE, framework=framework)
            worker.call("classify", texts=texts[:8])
        lists = {name: partial(worker.call, "classify", texts=texts) for name, worker in workers.items()}
        rounds = take_turns(lists, setting.repeats)
        calls = {name: partial(w.call, "latency", text=SHORT_SENTENCE, calls=21) for name, w in workers.items()}
        latencies = take_turns(calls, setting.repeats)
    seconds = {name: statistics.median(record["seconds"] for record in records) for name, records in rounds.items()}
    latency = {name: statistics.median(times) for name, times in latencies.items()}
    reference = rounds["pt"][0]["positive"]
    rows = [
        [
            {"pt": "PyTorch", "tf": "TensorFlow"}[name],
            f"{len(texts) / seconds[name]:.1f}",
            f"{seconds[name] / seconds['pt']:.2f}",
            f"{1000 * latency[name]:.1f}",
            f"{latency[name] / latency['pt']:.2f}",
            f"{max(abs(a - b) for a, b in zip(rounds[name][0]['positive'], reference, strict=True)):.1e}",
        ]
        for name in workers
    ]
    report.table(
        ["", "texts/s", "time against PyTorch", "short sentence, ms", "against PyTorch", "largest change of a score"],
        rows,
    )
