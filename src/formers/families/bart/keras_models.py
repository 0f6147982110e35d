"""BART's Keras classes; mBART has the same."""
from typing import Any

from keras import ops

from formers.backends.keras.seq2seq import TFSeq2SeqMainLayer, TFSeq2SeqModel

from . import FAMILY, tasks


def only(logits: Any, token: int) -> Any:
    """The logits with all tokens but one out of the question. *Shape:* `[rows, vocabulary]`."""
    return ops.where(_is(logits, token), logits, -float("inf"))


def without(logits: Any, token: int) -> Any:
    """The logits with a token out of the question. *Shape:* `[rows, vocabulary]`."""
    return ops.where(_is(logits, token), -float("inf"), logits)


def _is(logits: Any, token: int) -> Any:
    return ops.equal(ops.arange(ops.shape(logits)[-1]), token)[None]


class TFBartMainLayer(TFSeq2SeqMainLayer):
    """BART without heads as a Keras layer."""

    family = FAMILY
    task = tasks.BASE


class TFBartPreTrainedModel(TFSeq2SeqModel):
    """Base of BART's Keras classes, and of models of one's own around a `TFBartMainLayer`."""

    family = FAMILY
    main_layer = TFBartMainLayer


class TFBartModel(TFBartPreTrainedModel):
    """`BartModel` in Keras."""

    task = tasks.BASE


class TFBartForConditionalGeneration(TFBartPreTrainedModel):
    """`BartForConditionalGeneration` in Keras."""

    task = tasks.CONDITIONAL_GENERATION

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Any, cur_len: int, max_length: int
    ) -> Any:
        """In beam search, the first token is that of the start, and the last one possible that of the end.

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


class TFBartForSequenceClassification(TFBartPreTrainedModel):
    """`BartForSequenceClassification` in Keras."""

    task = tasks.SEQUENCE_CLASSIFICATION


class TFBartForQuestionAnswering(TFBartPreTrainedModel):
    """`BartForQuestionAnswering` in Keras."""

    task = tasks.QUESTION_ANSWERING
