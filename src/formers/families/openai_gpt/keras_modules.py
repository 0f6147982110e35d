"""GPT's Keras layers by themselves: GPT-2's, without caches."""
from formers.families.gpt2 import keras_modules as gpt2

from . import FAMILY

ARGUMENTS = ("x", "attention_mask", "head_mask", "output_attentions")


class TFAttention(gpt2.TFAttention, family=FAMILY, arguments=ARGUMENTS):
    """GPT's attention; see `formers.families.gpt2.keras_modules.TFAttention`."""


class TFMLP(gpt2.TFMLP, family=FAMILY):
    """GPT's feed-forward block; see `formers.families.gpt2.keras_modules.TFMLP`."""


class TFBlock(gpt2.TFBlock, family=FAMILY, arguments=ARGUMENTS):
    """One layer of GPT; see `formers.families.gpt2.keras_modules.TFBlock`."""
