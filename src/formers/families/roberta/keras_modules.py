"""RoBERTa's Keras layers by themselves: its heads."""
from formers.architecture import Reads
from formers.backends.keras import TFHeadLayer, TFTiedHead

from . import FAMILY, tasks


class TFRobertaLMHead(TFTiedHead, family=FAMILY, arguments=("features",), trains=False):
    """Scores of the vocabulary."""

    place = ("lm_head", tasks.MASKED_LM)


class TFRobertaClassificationHead(TFHeadLayer, family=FAMILY, arguments=("features",)):
    """Classes, or one number, of the states of a sequence, of which the first is looked at."""

    place = ("classifier", tasks.SEQUENCE_CLASSIFICATION)
    reads = Reads.FIRST_TOKEN
