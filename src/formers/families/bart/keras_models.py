"""BART's Keras classes; mBART has the same."""
from typing import Any

from keras import ops

from formers.backends.keras import TFPairLayer, TFSeq2SeqModel, TFStackLayer, twin

from . import FAMILY, classes


def only(logits: Any, token: int) -> Any:
    """Return the logits with all tokens but one ruled out. *Shape:* `[rows, vocabulary]`."""
    return ops.where(_is(logits, token), logits, -float("inf"))


def without(logits: Any, token: int) -> Any:
    """Return the logits with a token ruled out. *Shape:* `[rows, vocabulary]`."""
    return ops.where(_is(logits, token), -float("inf"), logits)


def _is(logits: Any, token: int) -> Any:
    return ops.equal(ops.arange(ops.shape(logits)[-1]), token)[None]


class TFBartStackLayer(TFStackLayer, family=FAMILY):
    """BART's encoder or decoder as a Keras layer."""


class TFBartMainLayer(TFPairLayer, family=FAMILY):
    """BART without heads as a Keras layer."""

    stack_class = TFBartStackLayer


class TFBartPreTrainedModel(TFSeq2SeqModel, family=FAMILY, main_layer=TFBartMainLayer):
    """Base of BART's Keras classes, and of custom models around a `TFBartMainLayer`."""


TFBartModel = twin(classes.BASE, TFBartPreTrainedModel)
TFBartForSequenceClassification = twin(classes.SEQUENCE_CLASSIFICATION, TFBartPreTrainedModel)
TFBartForQuestionAnswering = twin(classes.QUESTION_ANSWERING, TFBartPreTrainedModel)


class TFBartForConditionalGeneration(TFBartPreTrainedModel, public=classes.CONDITIONAL_GENERATION):
    """`BartForConditionalGeneration` in Keras."""

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Any, cur_len: int, max_length: int
    ) -> Any:
        """Let the first token of beam search be that of the start, and the last one possible that of the end.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            cur_len: number of tokens so far.
            max_length: number of tokens in the end.
        """
        if cur_len == 1:
            return only(logits, self.config.bos_token_id)
        if cur_len == max_length - 1 and self.config.eos_token_id is not None:
            return only(logits, self.config.eos_token_id)
        return logits
