"""GPT-2; DialoGPT loads as GPT-2."""
from formers.family import Family

from .architecture import architecture
from .configuration import GPT2Config
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="gpt2",
    config=GPT2Config,
    architecture=architecture,
    names=NAMES,
    tokenizers=("GPT2Tokenizer", "GPT2TokenizerFast"),
    classes={
        "base": "GPT2Model",
        "pretraining": "GPT2LMHeadModel",
        "lm_head": "GPT2LMHeadModel",
        "causal_lm": "GPT2LMHeadModel",
        "double_heads": "GPT2DoubleHeadsModel",
    },
    prefix="transformer",
    keras_layout=KERAS_LAYOUT,
)
