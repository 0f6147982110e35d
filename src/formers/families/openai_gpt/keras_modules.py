"""GPT's Keras layers by themselves: GPT-2's, without caches."""
from functools import partial

from formers.backends.keras import inner_layer
from formers.families.gpt2 import keras_modules as gpt2

from . import FAMILY

ARGUMENTS = ("x", "attention_mask", "head_mask", "output_attentions")
_layer = partial(inner_layer, __name__, FAMILY)

TFAttention = _layer("TFAttention", gpt2.TFAttention, *ARGUMENTS)
TFMLP = _layer("TFMLP", gpt2.TFMLP)
TFBlock = _layer("TFBlock", gpt2.TFBlock, *ARGUMENTS)
