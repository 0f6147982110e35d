"""Marian's Keras class."""
from typing import Any

from formers.backends.keras import TFPairLayer, TFSeq2SeqModel, TFStackLayer
from formers.families.bart.classes import BASE
from formers.families.bart.keras_models import only, without

from . import FAMILY, classes


class TFMarianStackLayer(TFStackLayer, family=FAMILY):
    """Marian's encoder or decoder as a Keras layer."""


class TFMarianMainLayer(TFPairLayer, family=FAMILY, task=BASE.keras):
    """Marian without heads as a Keras layer."""

    stack_class = TFMarianStackLayer


class TFMarianMTModel(TFSeq2SeqModel, family=FAMILY, main_layer=TFMarianMainLayer, public=classes.TRANSLATION):
    """`MarianMTModel` in Keras."""

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Any, cur_len: int, max_length: int
    ) -> Any:
        """Let padding never come in beam search, and the last token possible be that of the end.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            cur_len: number of tokens so far.
            max_length: number of tokens in the end.
        """
        if cur_len == max_length - 1 and self.config.eos_token_id is not None:
            return only(logits, self.config.eos_token_id)
        return without(logits, self.config.pad_token_id)
