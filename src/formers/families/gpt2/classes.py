"""GPT-2's model classes."""
from dataclasses import replace

from formers.family import PublicClass

from . import tasks

BASE = PublicClass("GPT2Model", tasks.BASE, ("base",), tasks.BASE)
LM_HEAD = PublicClass(
    "GPT2LMHeadModel", tasks.LM_HEAD, ("pretraining", "lm_head", "causal_lm"), tasks.LM_HEAD.without("labels")
)
DOUBLE_HEADS = PublicClass(
    "GPT2DoubleHeadsModel", tasks.DOUBLE_HEADS, ("double_heads",),
    replace(tasks.DOUBLE_HEADS.without("labels", "mc_labels"), flat_outputs=("hidden_states", "attentions")),
)  # fmt: skip

CLASSES = (BASE, LM_HEAD, DOUBLE_HEADS)
