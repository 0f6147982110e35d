"""RoBERTa's PyTorch classes."""
from formers.families.bert import tasks as bert_tasks
from formers.families.bert.torch_models import BertPreTrainedModel

from . import tasks
from .architecture import architecture
from .configuration import ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST as ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import RobertaConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


class RobertaPreTrainedModel(BertPreTrainedModel):
    """Base of RoBERTa's classes, and of models of one's own around a `RobertaModel`."""

    config_class = RobertaConfig  # type: ignore[assignment]
    base_model_prefix = "roberta"
    architecture = staticmethod(architecture)  # type: ignore[assignment]
    names = NAMES
    keras_layout = KERAS_LAYOUT


class RobertaModel(RobertaPreTrainedModel):
    """RoBERTa without heads: `last_hidden_state, pooler_output, (hidden_states), (attentions)`."""

    task = bert_tasks.BASE


class RobertaForMaskedLM(RobertaPreTrainedModel):
    """RoBERTa that fills masked words: `(loss), logits, ...`."""

    task = tasks.MASKED_LM


class RobertaForSequenceClassification(RobertaPreTrainedModel):
    """RoBERTa that classifies sequences, or with `num_labels=1` gives a number: `(loss), logits, ...`."""

    task = tasks.SEQUENCE_CLASSIFICATION


class RobertaForMultipleChoice(RobertaPreTrainedModel):
    """RoBERTa that picks one of several sequences, `[batch, choices, seq]`: `(loss), logits, ...`."""

    task = tasks.MULTIPLE_CHOICE


class RobertaForTokenClassification(RobertaPreTrainedModel):
    """RoBERTa that classifies every token: `(loss), logits, ...`."""

    task = bert_tasks.TOKEN_CLASSIFICATION


class RobertaForQuestionAnswering(RobertaPreTrainedModel):
    """RoBERTa that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""

    task = bert_tasks.QUESTION_ANSWERING
