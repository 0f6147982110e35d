"""DistilBERT's PyTorch classes."""
from formers.backends.torch import PreTrainedModel
from formers.backends.torch.table_names import NewEmbeddings

from . import tasks
from .architecture import architecture
from .configuration import DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST as DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import DistilBertConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


class DistilBertPreTrainedModel(PreTrainedModel):
    """Base of DistilBERT's classes, and of models of one's own around a `DistilBertModel`."""

    config_class = DistilBertConfig
    base_model_prefix = "distilbert"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT


class DistilBertModel(NewEmbeddings, DistilBertPreTrainedModel):
    """DistilBERT without heads: `last_hidden_state, (hidden_states), (attentions)`."""

    task = tasks.BASE


class DistilBertForMaskedLM(DistilBertPreTrainedModel):
    """DistilBERT that fills masked words: `(loss), logits, ...`."""

    task = tasks.MASKED_LM


class DistilBertForSequenceClassification(DistilBertPreTrainedModel):
    """DistilBERT that classifies sequences, or with `num_labels=1` gives a number: `(loss), logits, ...`."""

    task = tasks.SEQUENCE_CLASSIFICATION


class DistilBertForMultipleChoice(DistilBertPreTrainedModel):
    """DistilBERT that picks one of several sequences, `[batch, choices, seq]`: `(loss), logits, ...`."""

    task = tasks.MULTIPLE_CHOICE


class DistilBertForTokenClassification(DistilBertPreTrainedModel):
    """DistilBERT that classifies every token: `(loss), logits, ...`."""

    task = tasks.TOKEN_CLASSIFICATION


class DistilBertForQuestionAnswering(DistilBertPreTrainedModel):
    """DistilBERT that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""

    task = tasks.QUESTION_ANSWERING
