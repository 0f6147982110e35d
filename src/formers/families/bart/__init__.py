"""BART."""
from formers.family import Family

from .architecture import architecture
from .configuration import BartConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="bart",
    config=BartConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("BartTokenizer", None),
    classes={
        "base": "BartModel",
        "pretraining": "BartForConditionalGeneration",
        "lm_head": "BartForConditionalGeneration",
        "seq2seq_lm": "BartForConditionalGeneration",
        "sequence_classification": "BartForSequenceClassification",
        "question_answering": "BartForQuestionAnswering",
    },
    prefix="model",
    keras_layout=KERAS_LAYOUT,
)
