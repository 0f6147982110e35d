"""`python -m benchmarks`: formers against its peers on this machine, in one run, as ratios."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.checkpoints import make_checkpoint
from benchmarks.environments import CACHE, peer_python
from benchmarks.frameworks import frameworks
from benchmarks.generation import generation
from benchmarks.parts import Setting, bounds, imports, loading, machine, sentiment, tokenization
from benchmarks.report import Report

PARTS = {
    "imports": imports,
    "loading": loading,
    "tokenization": tokenization,
    "sentiment": sentiment,
    "frameworks": frameworks,
    "generation": generation,
}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS), help="what to measure (all)")
    parser.add_argument("--repeats", type=int, default=5, help="rounds of each measurement (%(default)s)")
    parser.add_argument("--texts", type=int, default=256, help="texts of the sentiment part (%(default)s)")
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "RESULTS.md", help="%(default)s")
    options = parser.parse_args()

    setting = Setting(
        checkpoint=make_checkpoint(CACHE / "bert-base-classifier"),
        ours=Path(sys.executable),
        peer=peer_python(),
        repeats=options.repeats,
        texts=options.texts,
    )
    report = Report()
    report.add("# Benchmark", "", f"Made by `python -m benchmarks {' '.join(sys.argv[1:])}`".rstrip(" `") + "`.")
    machine(setting, report)
    limits = bounds(setting, report)
    for name in options.parts:
        PARTS[name](setting, report, limits)
    report.write(options.output)
    print(f"\nWritten: {options.output}")


if __name__ == "__main__":
    main()
