"""DistilBERT's Keras classes."""
from formers.backends.keras import TFMainLayer, TFPreTrainedModel

from . import FAMILY, tasks
from .configuration import TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST


class TFDistilBertMainLayer(TFMainLayer):
    """DistilBERT without heads as a Keras layer."""

    family = FAMILY
    task = tasks.BASE


class TFDistilBertPreTrainedModel(TFPreTrainedModel):
    """Base of DistilBERT's Keras classes, and of models of one's own around a `TFDistilBertMainLayer`."""

    family = FAMILY
    main_layer = TFDistilBertMainLayer


class TFDistilBertModel(TFDistilBertPreTrainedModel):
    """`DistilBertModel` in Keras."""

    task = tasks.BASE


class TFDistilBertForMaskedLM(TFDistilBertPreTrainedModel):
    """`DistilBertForMaskedLM` in Keras."""

    task = tasks.MASKED_LM.without("labels")


class TFDistilBertForSequenceClassification(TFDistilBertPreTrainedModel):
    """`DistilBertForSequenceClassification` in Keras."""

    task = tasks.SEQUENCE_CLASSIFICATION


class TFDistilBertForMultipleChoice(TFDistilBertPreTrainedModel):
    """`DistilBertForMultipleChoice` in Keras."""

    task = tasks.MULTIPLE_CHOICE


class TFDistilBertForTokenClassification(TFDistilBertPreTrainedModel):
    """`DistilBertForTokenClassification` in Keras."""

    task = tasks.TOKEN_CLASSIFICATION


class TFDistilBertForQuestionAnswering(TFDistilBertPreTrainedModel):
    """`DistilBertForQuestionAnswering` in Keras."""

    task = tasks.QUESTION_ANSWERING
