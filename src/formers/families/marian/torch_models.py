"""Marian's PyTorch class."""
from formers.families.bart.torch_models import BartForConditionalGeneration

from .configuration import MarianConfig


class MarianMTModel(BartForConditionalGeneration):
    """A translation model: `(loss), logits, (past_key_values), ...`."""

    config_class = MarianConfig
