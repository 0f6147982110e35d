"""mBART: BART with other settings."""
from formers.families.bart.architecture import architecture
from formers.families.bart.keras_layout import KERAS_LAYOUT
from formers.families.bart.names import NAMES
from formers.family import Family

from .configuration import MBartConfig

FAMILY = Family(
    model_type="mbart",
    config=MBartConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("MBartTokenizer", None),
    prefix="model",
    keras_layout=KERAS_LAYOUT,
)
