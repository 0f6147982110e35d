"""What to use instead of a name that is not there: one that is spelt alike, or what took the place of an older one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

# Names of the libraries before (pytorch-pretrained-bert, pytorch-transformers, transformers 2) -> what to use.
_EARLIER = {
    "BertAdam": "torch.optim.AdamW with get_linear_schedule_with_warmup",
    "OpenAIAdam": "torch.optim.AdamW with get_linear_schedule_with_warmup",
    "ConstantLRSchedule": "get_constant_schedule",
    "WarmupConstantSchedule": "get_constant_schedule_with_warmup",
    "WarmupCosineSchedule": "get_cosine_schedule_with_warmup",
    "WarmupCosineWithHardRestartsSchedule": "get_cosine_with_hard_restarts_schedule_with_warmup",
    "WarmupLinearSchedule": "get_linear_schedule_with_warmup",
    "warmup_linear": "get_linear_schedule_with_warmup",
}

# Modules that came after version 3.0.2.
_LATER_MODULES = ("models", "utils", "onnx", "integrations", "generation", "trainer_callback", "image_utils", "agents")


def advice(name: str, known: Iterable[str]) -> str:
    """Return what to do about a name that is not there; empty if nothing is known.

    Args:
        name: The full name that was looked for, such as `transformers.modeling_bert.BertModle`.
        known: Names that are there.
    """
    parts = name.split(".")
    if parts[-1] in _EARLIER:
        return f". It went before version 3: use {_EARLIER[parts[-1]]}"
    if len(parts) > 1 and parts[1] in _LATER_MODULES:
        return f". {'.'.join(parts[:2])} came after version 3.0.2: public names are in {parts[0]} itself"
    close = difflib.get_close_matches(parts[-1], list(known), n=3, cutoff=0.8)
    return f". Did you mean {' or '.join(close)}?" if close else ""
