"""RoBERTa's Keras classes."""
from formers.backends.keras import TFPreTrainedModel
from formers.families.bert import tasks as bert_tasks
from formers.families.bert.keras_models import TFBertMainLayer

from . import FAMILY, tasks
from .configuration import TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST as TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST


class TFRobertaMainLayer(TFBertMainLayer):
    """RoBERTa without heads as a Keras layer."""

    family = FAMILY


class TFRobertaPreTrainedModel(TFPreTrainedModel):
    """Base of RoBERTa's Keras classes, and of models of one's own around a `TFRobertaMainLayer`."""

    family = FAMILY
    main_layer = TFRobertaMainLayer


class TFRobertaModel(TFRobertaPreTrainedModel):
    """`RobertaModel` in Keras."""

    task = bert_tasks.BASE


class TFRobertaForMaskedLM(TFRobertaPreTrainedModel):
    """`RobertaForMaskedLM` in Keras."""

    task = tasks.MASKED_LM.without("labels")


class TFRobertaForSequenceClassification(TFRobertaPreTrainedModel):
    """`RobertaForSequenceClassification` in Keras."""

    task = tasks.SEQUENCE_CLASSIFICATION


class TFRobertaForMultipleChoice(TFRobertaPreTrainedModel):
    """`RobertaForMultipleChoice` in Keras; its arguments have the order of the other classes."""

    task = bert_tasks.MULTIPLE_CHOICE


class TFRobertaForTokenClassification(TFRobertaPreTrainedModel):
    """`RobertaForTokenClassification` in Keras."""

    task = bert_tasks.TOKEN_CLASSIFICATION


class TFRobertaForQuestionAnswering(TFRobertaPreTrainedModel):
    """`RobertaForQuestionAnswering` in Keras."""

    task = bert_tasks.QUESTION_ANSWERING
