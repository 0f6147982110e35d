"""BERT."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import BertConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="bert",
    config=BertConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("BertTokenizer", "BertTokenizerFast"),
    public=CLASSES,
    prefix="bert",
    keras_layout=KERAS_LAYOUT,
)
