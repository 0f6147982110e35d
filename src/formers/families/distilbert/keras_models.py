"""DistilBERT's Keras classes."""
from formers.backends.keras import TFEmbeddingsLayer, TFMainLayer, TFPreTrainedModel, twin
from formers.backends.keras.activations import gelu as gelu
from formers.backends.keras.activations import gelu_new as gelu_new

from . import FAMILY, classes
from .configuration import TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST


class TFDistilBertMainLayer(TFMainLayer, family=FAMILY):
    """DistilBERT without heads as a Keras layer."""


class TFDistilBertPreTrainedModel(TFPreTrainedModel, family=FAMILY, main_layer=TFDistilBertMainLayer):
    """Base of DistilBERT's Keras classes, and of custom models around a `TFDistilBertMainLayer`."""


TFDistilBertModel = twin(classes.BASE, TFDistilBertPreTrainedModel)
TFDistilBertForMaskedLM = twin(classes.MASKED_LM, TFDistilBertPreTrainedModel)
TFDistilBertForSequenceClassification = twin(classes.SEQUENCE_CLASSIFICATION, TFDistilBertPreTrainedModel)
TFDistilBertForMultipleChoice = twin(classes.MULTIPLE_CHOICE, TFDistilBertPreTrainedModel)
TFDistilBertForTokenClassification = twin(classes.TOKEN_CLASSIFICATION, TFDistilBertPreTrainedModel)
TFDistilBertForQuestionAnswering = twin(classes.QUESTION_ANSWERING, TFDistilBertPreTrainedModel)


class TFEmbeddings(TFEmbeddingsLayer, family=FAMILY, arguments=("input_ids", "inputs_embeds")):
    """DistilBERT's embeddings as a Keras layer."""
