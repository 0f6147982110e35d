"""A model made of an encoder and a decoder of any families."""
from formers.family import Family

from .architecture import architecture
from .classes import CLASSES
from .configuration import EncoderDecoderConfig
from .names import NAMES

FAMILY = Family(
    model_type="encoder-decoder",
    config=EncoderDecoderConfig,
    architecture=architecture,
    names=NAMES,
    tokenizers=(),
    public=CLASSES,
)
