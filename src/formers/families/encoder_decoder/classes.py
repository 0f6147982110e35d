"""The class of models made of two."""
from formers.family import PublicClass

from . import tasks

PAIR = PublicClass("EncoderDecoderModel", tasks.PAIR, ("lm_head", "seq2seq_lm"))

CLASSES = (PAIR,)
