"""DistilBERT."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import DistilBertConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="distilbert",
    config=DistilBertConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("DistilBertTokenizer", "DistilBertTokenizerFast"),
    public=CLASSES,
    prefix="distilbert",
    keras_layout=KERAS_LAYOUT,
)
