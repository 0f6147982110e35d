"""GPT."""
from formers.family import Family

from .architecture import architecture
from .configuration import OpenAIGPTConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="openai-gpt",
    config=OpenAIGPTConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("OpenAIGPTTokenizer", "OpenAIGPTTokenizerFast"),
    classes={
        "base": "OpenAIGPTModel",
        "pretraining": "OpenAIGPTLMHeadModel",
        "lm_head": "OpenAIGPTLMHeadModel",
        "causal_lm": "OpenAIGPTLMHeadModel",
        "double_heads": "OpenAIGPTDoubleHeadsModel",
    },
    prefix="transformer",
    keras_layout=KERAS_LAYOUT,
)
