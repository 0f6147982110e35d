"""Marian's PyTorch class."""
import torch
from torch import Tensor

from formers.families.bart.torch_models import BartForConditionalGeneration, only

from . import FAMILY, classes

MARIAN_PRETRAINED_MODEL_ARCHIVE_LIST: list[str] = []


class MarianMTModel(BartForConditionalGeneration, family=FAMILY, public=classes.TRANSLATION):
    """A translation model: `(loss), logits, (past_key_values), ...`."""

    def adjust_logits_during_generation(  # type: ignore[override]  # the documented arguments
        self, logits: Tensor, cur_len: int, max_length: int
    ) -> Tensor:
        """Let, in beam search, padding never come, and the last token possible be that of the end.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            cur_len: number of tokens so far.
            max_length: number of tokens in the end.
        """
        logits = logits.clone()
        logits[:, self.config.pad_token_id] = -torch.inf
        if cur_len == max_length - 1 and self.config.eos_token_id is not None:
            return only(logits, self.config.eos_token_id)
        return logits
