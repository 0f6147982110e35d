"""Marian's model class."""
from formers.families.bart import tasks
from formers.family import PublicClass

TRANSLATION = PublicClass(
    "MarianMTModel", tasks.CONDITIONAL_GENERATION, ("lm_head", "seq2seq_lm"), tasks.CONDITIONAL_GENERATION
)

CLASSES = (TRANSLATION,)
