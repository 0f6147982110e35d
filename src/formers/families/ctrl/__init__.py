"""CTRL."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import CTRLConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="ctrl",
    config=CTRLConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("CTRLTokenizer", None),
    public=CLASSES,
    prefix="transformer",
    keras_layout=KERAS_LAYOUT,
)
