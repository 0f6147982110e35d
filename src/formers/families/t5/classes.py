"""T5's model classes."""
from formers.family import PublicClass

from . import tasks

BASE = PublicClass("T5Model", tasks.BASE, ("base",), tasks.BASE)
CONDITIONAL_GENERATION = PublicClass(
    "T5ForConditionalGeneration", tasks.CONDITIONAL_GENERATION, ("pretraining", "lm_head", "seq2seq_lm"),
    tasks.CONDITIONAL_GENERATION.without("labels"),
)  # fmt: skip

CLASSES = (BASE, CONDITIONAL_GENERATION)
