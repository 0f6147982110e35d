"""BERT's model classes."""
from formers.family import PublicClass

from . import tasks

MLM = {"cls": "BertOnlyMLMHead"}

BASE = PublicClass("BertModel", tasks.BASE, ("base",), tasks.BASE.without(*tasks.ENCODER))
PRETRAINING = PublicClass(
    "BertForPreTraining", tasks.PRETRAINING, ("pretraining",),
    tasks.PRETRAINING.without("labels", "next_sentence_label"), {"cls": "BertPreTrainingHeads"},
)  # fmt: skip
CAUSAL_LM = PublicClass("BertLMHeadModel", tasks.CAUSAL_LM, ("causal_lm",), None, MLM)
MASKED_LM = PublicClass(
    "BertForMaskedLM", tasks.MASKED_LM, ("lm_head", "masked_lm"), tasks.MASKED_LM.without("labels", *tasks.ENCODER), MLM
)
NEXT_SENTENCE = PublicClass(
    "BertForNextSentencePrediction", tasks.NEXT_SENTENCE, ("next_sentence",),
    tasks.NEXT_SENTENCE.without("next_sentence_label"), {"cls": "BertOnlyNSPHead"},
)  # fmt: skip
SEQUENCE_CLASSIFICATION = PublicClass(
    "BertForSequenceClassification", tasks.SEQUENCE_CLASSIFICATION, ("sequence_classification",),
    tasks.SEQUENCE_CLASSIFICATION,
)  # fmt: skip
MULTIPLE_CHOICE = PublicClass(
    "BertForMultipleChoice", tasks.MULTIPLE_CHOICE, ("multiple_choice",), tasks.MULTIPLE_CHOICE
)
TOKEN_CLASSIFICATION = PublicClass(
    "BertForTokenClassification", tasks.TOKEN_CLASSIFICATION, ("token_classification",), tasks.TOKEN_CLASSIFICATION
)
QUESTION_ANSWERING = PublicClass(
    "BertForQuestionAnswering", tasks.QUESTION_ANSWERING, ("question_answering",), tasks.QUESTION_ANSWERING
)

CLASSES = (
    BASE, PRETRAINING, CAUSAL_LM, MASKED_LM, NEXT_SENTENCE, SEQUENCE_CLASSIFICATION, MULTIPLE_CHOICE,
    TOKEN_CLASSIFICATION, QUESTION_ANSWERING,
)  # fmt: skip
