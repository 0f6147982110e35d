"""T5."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import T5Config
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="t5",
    config=T5Config,
    architecture=architecture,
    names=NAMES,
    tokenizers=("T5Tokenizer", None),
    public=CLASSES,
    keras_layout=KERAS_LAYOUT,
)
