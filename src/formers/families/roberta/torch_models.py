"""RoBERTa's PyTorch classes."""
from formers.families.bert.torch_models import BertModel, BertPreTrainedModel

from . import FAMILY, classes
from .configuration import ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST as ROBERTA_PRETRAINED_MODEL_ARCHIVE_LIST
from .torch_modules import TREE


class RobertaPreTrainedModel(BertPreTrainedModel, family=FAMILY):
    """Base of RoBERTa's classes, and of custom models around a `RobertaModel`."""

    tree = TREE
    base_class_name = "RobertaModel"


class RobertaModel(RobertaPreTrainedModel, BertModel, public=classes.BASE):
    """RoBERTa without heads: `last_hidden_state, pooler_output, (hidden_states), (attentions)`."""


class RobertaForMaskedLM(RobertaPreTrainedModel, public=classes.MASKED_LM):
    """RoBERTa that fills masked tokens: `(loss), logits, ...`."""


class RobertaForSequenceClassification(RobertaPreTrainedModel, public=classes.SEQUENCE_CLASSIFICATION):
    """RoBERTa that classifies sequences, or with `num_labels=1` gives a number: `(loss), logits, ...`."""


class RobertaForMultipleChoice(RobertaPreTrainedModel, public=classes.MULTIPLE_CHOICE):
    """RoBERTa that picks one of several sequences, `[batch, choices, seq]`: `(loss), logits, ...`."""


class RobertaForTokenClassification(RobertaPreTrainedModel, public=classes.TOKEN_CLASSIFICATION):
    """RoBERTa that classifies every token: `(loss), logits, ...`."""


class RobertaForQuestionAnswering(RobertaPreTrainedModel, public=classes.QUESTION_ANSWERING):
    """RoBERTa that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""
