"""Marian: translation models."""
from formers.families.bart.architecture import architecture
from formers.families.bart.keras_layout import KERAS_LAYOUT
from formers.families.bart.names import NAMES
from formers.family import Family

from .configuration import MarianConfig

FAMILY = Family(
    model_type="marian",
    config=MarianConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("MarianTokenizer", None),
    classes={"lm_head": "MarianMTModel", "seq2seq_lm": "MarianMTModel"},
    prefix="model",
    keras_layout=KERAS_LAYOUT,
)
