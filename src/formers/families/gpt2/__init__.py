"""GPT-2; DialoGPT loads as GPT-2."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import GPT2Config
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="gpt2",
    config=GPT2Config,
    architecture=architecture,
    names=NAMES,
    tokenizers=("GPT2Tokenizer", "GPT2TokenizerFast"),
    public=CLASSES,
    prefix="transformer",
    keras_layout=KERAS_LAYOUT,
)
