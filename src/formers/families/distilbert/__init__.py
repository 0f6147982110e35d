"""DistilBERT."""
from formers.family import Family

from .architecture import architecture
from .configuration import DistilBertConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="distilbert",
    config=DistilBertConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("DistilBertTokenizer", "DistilBertTokenizerFast"),
    classes={
        "base": "DistilBertModel",
        "pretraining": "DistilBertForMaskedLM",
        "lm_head": "DistilBertForMaskedLM",
        "masked_lm": "DistilBertForMaskedLM",
        "sequence_classification": "DistilBertForSequenceClassification",
        "question_answering": "DistilBertForQuestionAnswering",
        "token_classification": "DistilBertForTokenClassification",
        "multiple_choice": "DistilBertForMultipleChoice",
    },
    prefix="distilbert",
    keras_layout=KERAS_LAYOUT,
)
