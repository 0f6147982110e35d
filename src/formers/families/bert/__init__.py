"""BERT."""
from formers.families.family import Family

from .architecture import architecture
from .configuration import BertConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="bert",
    config=BertConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("BertTokenizer", "BertTokenizerFast"),
    classes={
        "base": "BertModel",
        "pretraining": "BertForPreTraining",
        "lm_head": "BertForMaskedLM",
        "causal_lm": "BertLMHeadModel",
        "masked_lm": "BertForMaskedLM",
        "next_sentence": "BertForNextSentencePrediction",
        "sequence_classification": "BertForSequenceClassification",
        "question_answering": "BertForQuestionAnswering",
        "token_classification": "BertForTokenClassification",
        "multiple_choice": "BertForMultipleChoice",
    },
    prefix="bert",
    keras_layout=KERAS_LAYOUT,
)
