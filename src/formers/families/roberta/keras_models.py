"""RoBERTa's Keras classes."""
from formers.backends.keras import TFEmbeddingsLayer, TFMainLayer, TFPreTrainedModel, twin

from . import FAMILY, classes
from .configuration import TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST as TF_ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST


class TFRobertaMainLayer(TFMainLayer, family=FAMILY):
    """RoBERTa without heads as a Keras layer."""


class TFRobertaPreTrainedModel(TFPreTrainedModel, family=FAMILY, main_layer=TFRobertaMainLayer):
    """Base of RoBERTa's Keras classes, and of custom models around a `TFRobertaMainLayer`."""


TFRobertaModel = twin(classes.BASE, TFRobertaPreTrainedModel)
TFRobertaForMaskedLM = twin(classes.MASKED_LM, TFRobertaPreTrainedModel)
TFRobertaForSequenceClassification = twin(classes.SEQUENCE_CLASSIFICATION, TFRobertaPreTrainedModel)
TFRobertaForMultipleChoice = twin(classes.MULTIPLE_CHOICE, TFRobertaPreTrainedModel)
TFRobertaForTokenClassification = twin(classes.TOKEN_CLASSIFICATION, TFRobertaPreTrainedModel)
TFRobertaForQuestionAnswering = twin(classes.QUESTION_ANSWERING, TFRobertaPreTrainedModel)


class TFRobertaEmbeddings(
    TFEmbeddingsLayer, family=FAMILY, arguments=("input_ids", "position_ids", "token_type_ids", "inputs_embeds")
):
    """RoBERTa's embeddings as a Keras layer."""
