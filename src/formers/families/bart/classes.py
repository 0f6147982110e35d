"""BART's model classes."""
from formers.family import PublicClass

from . import tasks

BASE = PublicClass("BartModel", tasks.BASE, ("base",), tasks.BASE)
CONDITIONAL_GENERATION = PublicClass(
    "BartForConditionalGeneration", tasks.CONDITIONAL_GENERATION, ("pretraining", "lm_head", "seq2seq_lm"),
    tasks.CONDITIONAL_GENERATION,
)  # fmt: skip
SEQUENCE_CLASSIFICATION = PublicClass(
    "BartForSequenceClassification", tasks.SEQUENCE_CLASSIFICATION, ("sequence_classification",),
    tasks.SEQUENCE_CLASSIFICATION,
)  # fmt: skip
QUESTION_ANSWERING = PublicClass(
    "BartForQuestionAnswering", tasks.QUESTION_ANSWERING, ("question_answering",), tasks.QUESTION_ANSWERING
)

CLASSES = (BASE, CONDITIONAL_GENERATION, SEQUENCE_CLASSIFICATION, QUESTION_ANSWERING)
