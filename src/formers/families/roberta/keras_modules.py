"""RoBERTa's Keras layers by themselves: its heads."""
from functools import partial

from formers.architecture import Reads
from formers.backends.keras import TFHeadLayer, TFTiedHead, inner_layer

from . import FAMILY, tasks

_layer = partial(inner_layer, __name__, FAMILY)
_CLASSIFIER = {"alone": ("classifier", tasks.SEQUENCE_CLASSIFICATION), "reads": Reads.FIRST_TOKEN}

TFRobertaLMHead = _layer("TFRobertaLMHead", TFTiedHead, "features", alone=("lm_head", tasks.MASKED_LM))
TFRobertaClassificationHead = _layer("TFRobertaClassificationHead", TFHeadLayer, "features", trains=True, **_CLASSIFIER)
