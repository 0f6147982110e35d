"""DistilBERT's model classes."""
from formers.family import PublicClass

from . import tasks

BASE = PublicClass("DistilBertModel", tasks.BASE, ("base",), tasks.BASE)
MASKED_LM = PublicClass(
    "DistilBertForMaskedLM", tasks.MASKED_LM, ("pretraining", "lm_head", "masked_lm"),
    tasks.MASKED_LM.without("labels"),
)  # fmt: skip
SEQUENCE_CLASSIFICATION = PublicClass(
    "DistilBertForSequenceClassification", tasks.SEQUENCE_CLASSIFICATION, ("sequence_classification",),
    tasks.SEQUENCE_CLASSIFICATION,
)  # fmt: skip
MULTIPLE_CHOICE = PublicClass(
    "DistilBertForMultipleChoice", tasks.MULTIPLE_CHOICE, ("multiple_choice",), tasks.MULTIPLE_CHOICE
)
TOKEN_CLASSIFICATION = PublicClass(
    "DistilBertForTokenClassification", tasks.TOKEN_CLASSIFICATION, ("token_classification",),
    tasks.TOKEN_CLASSIFICATION, {"dropout": "", "classifier": ""},
)  # fmt: skip
QUESTION_ANSWERING = PublicClass(
    "DistilBertForQuestionAnswering", tasks.QUESTION_ANSWERING, ("question_answering",), tasks.QUESTION_ANSWERING
)

CLASSES = (BASE, MASKED_LM, SEQUENCE_CLASSIFICATION, MULTIPLE_CHOICE, TOKEN_CLASSIFICATION, QUESTION_ANSWERING)
