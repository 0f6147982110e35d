"""BERT's Keras classes."""
from formers.backends.keras import TFMainLayer, TFPreTrainedModel

from . import FAMILY, tasks


class TFBertMainLayer(TFMainLayer):
    """BERT without heads as a Keras layer."""

    family = FAMILY
    task = tasks.BASE


class TFBertPreTrainedModel(TFPreTrainedModel):
    """Base of BERT's Keras classes, and of models of one's own around a `TFBertMainLayer`."""

    family = FAMILY
    main_layer = TFBertMainLayer


class TFBertModel(TFBertPreTrainedModel):
    """`BertModel` in Keras."""

    task = tasks.BASE


class TFBertForPreTraining(TFBertPreTrainedModel):
    """`BertForPreTraining` in Keras."""

    task = tasks.PRETRAINING.without("labels", "next_sentence_label")


class TFBertForMaskedLM(TFBertPreTrainedModel):
    """`BertForMaskedLM` in Keras."""

    task = tasks.MASKED_LM.without("labels")


class TFBertForNextSentencePrediction(TFBertPreTrainedModel):
    """`BertForNextSentencePrediction` in Keras."""

    task = tasks.NEXT_SENTENCE.without("next_sentence_label")


class TFBertForSequenceClassification(TFBertPreTrainedModel):
    """`BertForSequenceClassification` in Keras."""

    task = tasks.SEQUENCE_CLASSIFICATION


class TFBertForMultipleChoice(TFBertPreTrainedModel):
    """`BertForMultipleChoice` in Keras."""

    task = tasks.MULTIPLE_CHOICE


class TFBertForTokenClassification(TFBertPreTrainedModel):
    """`BertForTokenClassification` in Keras."""

    task = tasks.TOKEN_CLASSIFICATION


class TFBertForQuestionAnswering(TFBertPreTrainedModel):
    """`BertForQuestionAnswering` in Keras."""

    task = tasks.QUESTION_ANSWERING
