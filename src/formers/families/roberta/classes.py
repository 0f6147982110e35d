"""RoBERTa's model classes."""
from formers.families.bert import tasks as bert_tasks
from formers.family import PublicClass

from . import tasks

BASE = PublicClass(
    "RobertaModel", bert_tasks.BASE, ("base",), bert_tasks.BASE.without(*bert_tasks.ENCODER)
)
MASKED_LM = PublicClass(
    "RobertaForMaskedLM", tasks.MASKED_LM, ("pretraining", "lm_head", "masked_lm"), tasks.MASKED_LM.without("labels")
)
SEQUENCE_CLASSIFICATION = PublicClass(
    "RobertaForSequenceClassification", tasks.SEQUENCE_CLASSIFICATION, ("sequence_classification",),
    tasks.SEQUENCE_CLASSIFICATION, {"classifier": "RobertaClassificationHead"},
)  # fmt: skip
MULTIPLE_CHOICE = PublicClass(
    "RobertaForMultipleChoice", tasks.MULTIPLE_CHOICE, ("multiple_choice",), bert_tasks.MULTIPLE_CHOICE
)
TOKEN_CLASSIFICATION = PublicClass(
    "RobertaForTokenClassification", bert_tasks.TOKEN_CLASSIFICATION, ("token_classification",),
    bert_tasks.TOKEN_CLASSIFICATION,
)  # fmt: skip
QUESTION_ANSWERING = PublicClass(
    "RobertaForQuestionAnswering", bert_tasks.QUESTION_ANSWERING, ("question_answering",),
    bert_tasks.QUESTION_ANSWERING,
)  # fmt: skip

CLASSES = (BASE, MASKED_LM, SEQUENCE_CLASSIFICATION, MULTIPLE_CHOICE, TOKEN_CLASSIFICATION, QUESTION_ANSWERING)
