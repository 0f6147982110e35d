"""RoBERTa."""
from formers.family import Family

from .architecture import architecture
from .configuration import RobertaConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="roberta",
    config=RobertaConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("RobertaTokenizer", "RobertaTokenizerFast"),
    classes={
        "base": "RobertaModel",
        "pretraining": "RobertaForMaskedLM",
        "lm_head": "RobertaForMaskedLM",
        "masked_lm": "RobertaForMaskedLM",
        "sequence_classification": "RobertaForSequenceClassification",
        "question_answering": "RobertaForQuestionAnswering",
        "token_classification": "RobertaForTokenClassification",
        "multiple_choice": "RobertaForMultipleChoice",
    },
    prefix="roberta",
    keras_layout=KERAS_LAYOUT,
)
