"""BERT's Keras classes."""
from formers.backends.keras import TFEmbeddingsLayer, TFMainLayer, TFPreTrainedModel, twin
from formers.backends.keras.activations import ACT2FN as ACT2FN
from formers.backends.keras.activations import gelu as gelu
from formers.backends.keras.activations import gelu_new as gelu_new
from formers.backends.keras.activations import swish as swish

from . import FAMILY, classes
from .configuration import TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST


class TFBertMainLayer(TFMainLayer, family=FAMILY):
    """BERT without heads as a Keras layer."""


class TFBertPreTrainedModel(TFPreTrainedModel, family=FAMILY, main_layer=TFBertMainLayer):
    """Base of BERT's Keras classes, and of custom models around a `TFBertMainLayer`."""


TFBertModel = twin(classes.BASE, TFBertPreTrainedModel)
TFBertForPreTraining = twin(classes.PRETRAINING, TFBertPreTrainedModel)
TFBertForMaskedLM = twin(classes.MASKED_LM, TFBertPreTrainedModel)
TFBertForNextSentencePrediction = twin(classes.NEXT_SENTENCE, TFBertPreTrainedModel)
TFBertForSequenceClassification = twin(classes.SEQUENCE_CLASSIFICATION, TFBertPreTrainedModel)
TFBertForMultipleChoice = twin(classes.MULTIPLE_CHOICE, TFBertPreTrainedModel)
TFBertForTokenClassification = twin(classes.TOKEN_CLASSIFICATION, TFBertPreTrainedModel)
TFBertForQuestionAnswering = twin(classes.QUESTION_ANSWERING, TFBertPreTrainedModel)


class TFBertEmbeddings(
    TFEmbeddingsLayer, family=FAMILY, arguments=("input_ids", "position_ids", "token_type_ids", "inputs_embeds")
):
    """BERT's embeddings as a Keras layer."""
