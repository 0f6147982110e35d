"""BART."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import BartConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="bart",
    config=BartConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("BartTokenizer", None),
    public=CLASSES,
    prefix="model",
    keras_layout=KERAS_LAYOUT,
)
