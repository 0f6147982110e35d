"""Worker: onnxruntime on the peer's export of the same checkpoint, tokenized by the `tokenizers` library.

This is what a user of onnxruntime writes by hand: no pipeline, sorted batches, softmax in numpy.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
from serving import serve  # type: ignore[import-not-found]  # beside this script

state: dict[str, Any] = {}


def export(folder: str, target: str, heads: int, hidden: int) -> str:
    """Export the checkpoint with PyTorch and fuse the graph with onnxruntime's own tool for BERT, once."""
    if Path(target).exists():
        return target
    import torch
    from onnxruntime.transformers import optimizer
    from transformers import BertForSequenceClassification

    model = BertForSequenceClassification.from_pretrained(folder, attn_implementation="eager").eval()
    ids = torch.ones(2, 7, dtype=torch.long)
    names = ["input_ids", "attention_mask", "token_type_ids"]
    raw = target + ".raw"
    torch.onnx.export(
        model,
        (ids, torch.ones_like(ids), torch.zeros_like(ids)),
        raw,
        input_names=names,
        output_names=["logits"],
        dynamic_axes={name: {0: "batch", 1: "length"} for name in names} | {"logits": {0: "batch"}},
        opset_version=17,
        dynamo=False,
    )
    fused = optimizer.optimize_model(raw, model_type="bert", num_heads=heads, hidden_size=hidden, opt_level=1)
    fused.save_model_to_file(target + ".partial")
    os.replace(target + ".partial", target)
    os.remove(raw)
    return str(fused.get_fused_operator_statistics())


def load(model: str, vocabulary: str, threads: int) -> float:
    """Make the session and the tokenizer; returns seconds."""
    import onnxruntime
    from tokenizers import BertWordPieceTokenizer

    start = time.perf_counter()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    state["session"] = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    state["tokenizer"] = BertWordPieceTokenizer(vocabulary, lowercase=True)
    return time.perf_counter() - start


def _positive(texts: list[str]) -> np.ndarray:
    state["tokenizer"].enable_padding()
    encodings = state["tokenizer"].encode_batch(texts)
    inputs = {
        "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
        "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        "token_type_ids": np.array([e.type_ids for e in encodings], dtype=np.int64),
    }
    logits = state["session"].run(["logits"], inputs)[0]
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    return exponentials[:, 1] / exponentials.sum(-1)


def classify(texts: list[str], batch_size: int, by_length: bool = False) -> dict[str, Any]:
    """Classify in batches; seconds and probabilities of POSITIVE in the given order."""
    start = time.perf_counter()
    order = sorted(range(len(texts)), key=lambda index: len(texts[index])) if by_length else list(range(len(texts)))
    positive = [0.0] * len(texts)
    for first in range(0, len(order), batch_size):
        batch = order[first : first + batch_size]
        for index, score in zip(batch, _positive([texts[index] for index in batch]), strict=True):
            positive[index] = float(score)
    return {"seconds": time.perf_counter() - start, "positive": positive}


def latency(text: str, calls: int) -> float:
    """Median seconds of one call with one text."""
    times = []
    for _ in range(calls):
        start = time.perf_counter()
        _positive([text])
        times.append(time.perf_counter() - start)
    return sorted(times)[calls // 2]


def versions() -> dict[str, str]:
    """Versions of what is measured."""
    import onnxruntime

    return {"onnxruntime": onnxruntime.__version__}


serve({f.__name__: f for f in (export, load, classify, latency, versions)})
