"""BART's PyTorch classes; mBART has the same."""
from typing import Any

import torch
from torch import Tensor

from formers.backends.torch.seq2seq import Seq2SeqModel

from . import tasks
from .architecture import architecture
from .configuration import BART_PRETRAINED_MODEL_ARCHIVE_LIST as BART_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import BartConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


def only(logits: Tensor, token: int) -> Tensor:
    """The logits with all tokens but one out of the question. *Shape:* `[rows, vocabulary]`."""
    kept = torch.full_like(logits, -torch.inf)
    kept[:, token] = logits[:, token]
    return kept


class PretrainedBartModel(Seq2SeqModel):
    """Base of BART's classes, and of models of one's own around a `BartModel`."""

    config_class = BartConfig
    base_model_prefix = "model"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT

    def _init_std(self) -> float:
        return self.config.init_std


class BartModel(PretrainedBartModel):
    """BART without heads: `last_hidden_state, (past_key_values), (states), (attentions), encoder's outputs`.

    Without `decoder_input_ids` the decoder reads `input_ids` with the last token moved to the front. With `use_cache`
    it computes the last of the `decoder_input_ids` alone.
    """

    task = tasks.BASE


class BartForConditionalGeneration(PretrainedBartModel):
    """BART as a model that writes a text for a text: `(loss), logits, (past_key_values), ...`."""

    task = tasks.CONDITIONAL_GENERATION

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, decoder_input_ids: Tensor, past: Any, attention_mask: Tensor | None, use_cache: bool, **kwargs: Any
    ) -> dict[str, Any]:
        """See `Seq2SeqModel.prepare_inputs_for_generation`."""
        return super().prepare_inputs_for_generation(decoder_input_ids, past, attention_mask, use_cache, **kwargs)

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Tensor, cur_len: int, max_length: int
    ) -> Tensor:
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


class BartForSequenceClassification(PretrainedBartModel):
    """BART that classifies sequences: `(loss), logits, ...`."""

    task = tasks.SEQUENCE_CLASSIFICATION


class BartForQuestionAnswering(PretrainedBartModel):
    """BART that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""

    task = tasks.QUESTION_ANSWERING
