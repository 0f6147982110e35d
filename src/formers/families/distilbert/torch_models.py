"""DistilBERT's PyTorch classes."""
from formers.backends.torch import PreTrainedModel
from formers.backends.torch.modules import TakesNewEmbeddings

from . import FAMILY, classes
from .configuration import DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST as DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .torch_modules import TREE


class DistilBertPreTrainedModel(PreTrainedModel, family=FAMILY):
    """Base of DistilBERT's classes, and of custom models around a `DistilBertModel`."""

    tree = TREE
    base_class_name = "DistilBertModel"


class DistilBertModel(TakesNewEmbeddings, DistilBertPreTrainedModel, public=classes.BASE):
    """DistilBERT without heads: `last_hidden_state, (hidden_states), (attentions)`."""


class DistilBertForMaskedLM(DistilBertPreTrainedModel, public=classes.MASKED_LM):
    """DistilBERT that fills masked tokens: `(loss), logits, ...`."""


class DistilBertForSequenceClassification(DistilBertPreTrainedModel, public=classes.SEQUENCE_CLASSIFICATION):
    """DistilBERT that classifies sequences, or with `num_labels=1` gives a number: `(loss), logits, ...`."""


class DistilBertForMultipleChoice(DistilBertPreTrainedModel, public=classes.MULTIPLE_CHOICE):
    """DistilBERT that picks one of several sequences, `[batch, choices, seq]`: `(loss), logits, ...`."""


class DistilBertForTokenClassification(DistilBertPreTrainedModel, public=classes.TOKEN_CLASSIFICATION):
    """DistilBERT that classifies every token: `(loss), logits, ...`."""


class DistilBertForQuestionAnswering(DistilBertPreTrainedModel, public=classes.QUESTION_ANSWERING):
    """DistilBERT that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""
