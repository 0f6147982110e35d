"""Marian's Keras class."""
from typing import Any

from formers.families.bart import tasks
from formers.families.bart.keras_models import TFBartForConditionalGeneration, TFBartMainLayer, only, without

from . import FAMILY


class TFMarianMainLayer(TFBartMainLayer):
    """Marian without heads as a Keras layer."""

    family = FAMILY


class TFMarianMTModel(TFBartForConditionalGeneration):
    """`MarianMTModel` in Keras."""

    family = FAMILY
    main_layer = TFMarianMainLayer
    task = tasks.CONDITIONAL_GENERATION

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Any, cur_len: int, max_length: int
    ) -> Any:
        """In beam search, padding never comes, and the last token possible is that of the end.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            cur_len: number of tokens so far.
            max_length: number of tokens in the end.
        """
        if cur_len == max_length - 1 and self.config.eos_token_id is not None:
            return only(logits, self.config.eos_token_id)
        return without(logits, self.config.pad_token_id)
