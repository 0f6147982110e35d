"""CTRL's model classes."""
from formers.family import PublicClass

from . import tasks

BASE = PublicClass("CTRLModel", tasks.BASE, ("base",), tasks.BASE)
LM_HEAD = PublicClass(
    "CTRLLMHeadModel", tasks.LM_HEAD, ("pretraining", "lm_head", "causal_lm"), tasks.LM_HEAD.without("labels")
)

CLASSES = (BASE, LM_HEAD)
