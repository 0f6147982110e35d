"""T5."""
from formers.family import Family

from .architecture import architecture
from .configuration import T5Config
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="t5",
    config=T5Config,
    architecture=architecture,
    names=NAMES,
    tokenizers=("T5Tokenizer", None),
    classes={
        "base": "T5Model",
        "pretraining": "T5ForConditionalGeneration",
        "lm_head": "T5ForConditionalGeneration",
        "seq2seq_lm": "T5ForConditionalGeneration",
    },
    keras_layout=KERAS_LAYOUT,
)
