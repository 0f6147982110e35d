"""RoBERTa."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import RobertaConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES

FAMILY = Family(
    model_type="roberta",
    config=RobertaConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=("RobertaTokenizer", "RobertaTokenizerFast"),
    public=CLASSES,
    prefix="roberta",
    keras_layout=KERAS_LAYOUT,
)
