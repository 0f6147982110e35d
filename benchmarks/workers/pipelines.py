"""Worker: the pipeline of `formers` or of the peer library, whose interfaces agree in all that is used here.

Usage: python pipelines.py formers|transformers
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import Any

from serving import memory, reset_peak_memory, serve  # type: ignore[import-not-found]  # beside this script

LIBRARY = sys.argv[1]
state: dict[str, Any] = {}


def load(
    folder: str, dtype: str | None, first: str, framework: str | None = None, packed: bool = False
) -> dict[str, float]:
    """Load the classifier and answer one sentence.

    The imports, the framework's included, come before the clock and the memory counter start.
    A memory-mapped file is not read before it is needed, so both stop after the first answer too.
    """
    library = importlib.import_module(LIBRARY)
    pipeline = library.pipeline
    import torch

    torch.nn.functional.linear(torch.ones(64, 64), torch.ones(64, 64))  # creates the threads
    # The class too: libraries import the modules of a model when it is first named.
    model_class = library.BertForSequenceClassification
    tokenizer_class = library.BertTokenizerFast
    assert model_class and tokenizer_class
    reset_peak_memory()
    before = memory("VmRSS")
    start = time.perf_counter()
    options: dict[str, Any] = {}
    if dtype is not None:
        options["dtype"] = dtype if LIBRARY == "formers" else getattr(torch, dtype)
    if framework is not None:
        options["framework"] = framework
    if packed:
        options["packed"] = True
    classify = pipeline("sentiment-analysis", model=folder, tokenizer=folder, **options)
    loaded = time.perf_counter() - start
    peak_loaded = memory("VmHWM") - before
    classify(first)
    answered = time.perf_counter() - start
    state["classify"] = classify
    return {
        "load_s": loaded,
        "first_answer_s": answered,
        "load_bytes": peak_loaded,
        "first_answer_bytes": memory("VmHWM") - before,
        "threads": torch.get_num_threads(),
    }


def classify(texts: list[str], batch_size: int | None = None, by_length: bool = False) -> dict[str, Any]:
    """Classify; `by_length` is what a careful user does by hand around a pipeline that keeps the given order.

    Returns:
        Seconds, and each text's probability of the label POSITIVE, in the given order.
    """
    options = {} if batch_size is None else {"batch_size": batch_size}
    start = time.perf_counter()
    order = sorted(range(len(texts)), key=lambda index: len(texts[index])) if by_length else list(range(len(texts)))
    answers = state["classify"]([texts[index] for index in order], **options)
    seconds = time.perf_counter() - start
    positive = [0.0] * len(texts)
    for index, answer in zip(order, answers, strict=True):
        positive[index] = answer["score"] if answer["label"] == "POSITIVE" else 1 - answer["score"]
    return {"seconds": seconds, "positive": positive}


def latency(text: str, calls: int) -> float:
    """Median seconds of one call with one text."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        state["classify"](text)
        times.append(time.perf_counter() - start)
    return sorted(times)[calls // 2]


def load_tokenizer(folder: str) -> str:
    """Load the tokenizer alone."""
    state["tokenizer"] = importlib.import_module(LIBRARY).BertTokenizerFast.from_pretrained(folder)
    return type(state["tokenizer"]).__name__


def tokenize(texts: list[str]) -> dict[str, Any]:
    """Turn texts into lists of ids, as the call without further options does; tokens of each text come back."""
    start = time.perf_counter()
    encoded = state["tokenizer"](texts)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "lengths": [len(ids) for ids in encoded["input_ids"]]}


def versions() -> dict[str, str]:
    """Versions of what is measured."""
    import torch

    return {
        LIBRARY: importlib.import_module(LIBRARY).__version__,
        "torch": torch.__version__,
        "python": sys.version.split()[0],
        "cores": str(len(os.sched_getaffinity(0))),
    }


serve({f.__name__: f for f in (load, classify, latency, load_tokenizer, tokenize, versions)})
