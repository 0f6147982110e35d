"""Worker: CTranslate2 on the same checkpoint, converted by its own converter."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

from serving import memory, reset_peak_memory, serve  # type: ignore[import-not-found]  # beside this script

state: dict[str, Any] = {}


def convert(folder: str, target: str) -> None:
    """Write the checkpoint in CTranslate2's format, once."""
    if Path(target).exists():
        return
    from ctranslate2.converters import TransformersConverter

    TransformersConverter(folder).convert(target + ".partial", force=True)
    os.replace(target + ".partial", target)


def load(folder: str, paired: bool, compute_type: str, first: dict[str, Any]) -> dict[str, float]:
    """Load a converted model and generate once."""
    import ctranslate2

    reset_peak_memory()
    before = memory("VmRSS")
    kind = ctranslate2.Translator if paired else ctranslate2.Generator
    threads = len(os.sched_getaffinity(0))
    state["model"] = kind(folder, device="cpu", compute_type=compute_type, intra_threads=threads)
    state["paired"] = paired
    names = "shared_vocabulary.json" if paired else "vocabulary.json"
    state["words"] = json.loads((Path(folder) / names).read_text(encoding="utf-8"))
    state["numbers"] = {word: number for number, word in enumerate(state["words"])}
    generate(**first)
    return {"peak_bytes": memory("VmHWM") - before}


def generate(ids: list[list[int]], beams: int, new: int) -> dict[str, Any]:
    """Generate `new` tokens; seconds and the tokens come back."""
    words, numbers = state["words"], state["numbers"]
    texts = [[words[number] for number in row] for row in ids]
    begin = time.perf_counter()
    if state["paired"]:
        results = state["model"].translate_batch(
            texts, beam_size=beams, max_decoding_length=new, min_decoding_length=new, return_end_token=True
        )
        chosen = [result.hypotheses[0] for result in results]
        seconds = time.perf_counter() - begin
        return {"seconds": seconds, "tokens": [[numbers[word] for word in row] for row in chosen]}
    results = state["model"].generate_batch(
        texts, beam_size=beams, max_length=new, min_length=new, include_prompt_in_result=False
    )
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "tokens": [result.sequences_ids[0] for result in results]}


def versions() -> dict[str, str]:
    """Versions of what is measured."""
    import ctranslate2

    return {"ctranslate2": ctranslate2.__version__}


serve({f.__name__: f for f in (convert, load, generate, versions)})
