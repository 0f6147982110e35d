"""Ratios against peer libraries: `python -m benchmarks` measures, prints and writes RESULTS.md."""
