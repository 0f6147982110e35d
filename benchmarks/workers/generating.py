"""Worker: `generate()` of `formers` or of the peer library, whose interfaces agree in all that is used here.

Usage: python generating.py formers|transformers
"""

from __future__ import annotations

import importlib
import sys
import time
from typing import Any

import numpy as np
import torch
from serving import memory, reset_peak_memory, serve  # type: ignore[import-not-found]  # beside this script

LIBRARY = sys.argv[1]
state: dict[str, Any] = {}


def load(folder: str, model_class: str, options: dict[str, str], first: dict[str, Any]) -> dict[str, float]:
    """Load a model and generate once; what is imported comes before the memory counter starts.

    Args:
        folder: the checkpoint.
        model_class: name of the class.
        options: arguments of `from_pretrained`.
        first: arguments of the first `generate`.
    """
    torch.nn.functional.linear(torch.ones(64, 64), torch.ones(64, 64))  # creates the threads
    loaded_class = getattr(importlib.import_module(LIBRARY), model_class)
    reset_peak_memory()
    before = memory("VmRSS")
    model = loaded_class.from_pretrained(folder, **options)
    state["model"] = model.eval() if hasattr(model, "eval") else model
    generate(**first)
    return {"peak_bytes": memory("VmHWM") - before}


def generate(ids: list[list[int]], beams: int, new: int) -> dict[str, Any]:
    """Generate `new` tokens; seconds and the tokens come back.

    The end of a sequence is forbidden until the last token, so that all libraries take the same number of steps.
    """
    inputs = torch.tensor(ids)
    model = state["model"]
    start = 1 if model.config.is_encoder_decoder else inputs.shape[1]
    # The one counts new tokens and the other all.
    least = {"min_length": start + new - 1} if LIBRARY == "formers" else {"min_new_tokens": new - 1}
    mask = torch.ones_like(inputs)
    if not hasattr(model, "eval"):  # a Keras model
        inputs, mask = inputs.numpy(), mask.numpy()
    begin = time.perf_counter()
    tokens = model.generate(
        inputs,
        attention_mask=mask,
        do_sample=False,
        num_beams=beams,
        max_new_tokens=new,
        pad_token_id=1,
        **least,
    )
    return {"seconds": time.perf_counter() - begin, "tokens": np.asarray(tokens)[:, start:].tolist()}


def scores(ids: list[list[int]], decoder: list[list[int]] | None) -> list[list[float]]:
    """Scores of the next word at the last position of every row."""
    model = state["model"]
    paired = {} if decoder is None else {"decoder_input_ids": torch.tensor(decoder)}
    with torch.no_grad():
        return model(torch.tensor(ids), **paired)[0][:, -1].float().tolist()


serve({f.__name__: f for f in (load, generate, scores)})
