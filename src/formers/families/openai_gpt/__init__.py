"""GPT."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import OpenAIGPTConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="openai-gpt",
    config=OpenAIGPTConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("OpenAIGPTTokenizer", "OpenAIGPTTokenizerFast"),
    public=CLASSES,
    prefix="transformer",
    keras_layout=KERAS_LAYOUT,
)
