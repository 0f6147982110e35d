"""Marian: translation models."""
from formers.families.bart.architecture import architecture
from formers.families.bart.keras_layout import KERAS_LAYOUT
from formers.families.bart.names import NAMES
from formers.family import Family

from .classes import CLASSES
from .configuration import MarianConfig

FAMILY = Family(
    model_type="marian",
    config=MarianConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("MarianTokenizer", None),
    public=CLASSES,
    prefix="model",
    keras_layout=KERAS_LAYOUT,
)
