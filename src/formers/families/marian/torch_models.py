"""Marian's PyTorch class."""
from typing import Any

import torch
from torch import Tensor

from formers.families.bart.torch_models import BartForConditionalGeneration, only

from .configuration import MarianConfig


class MarianMTModel(BartForConditionalGeneration):
    """A translation model: `(loss), logits, (past_key_values), ...`."""

    config_class = MarianConfig

    def adjust_logits_during_generation(self, logits: Tensor, **kwargs: Any) -> Tensor:
        """In beam search, padding never comes, and the last token possible is that of the end.

        Args:
            logits: *Shape:* `[rows, vocabulary]`.
            **kwargs: `cur_len` and `max_length`.
        """
        logits = logits.clone()
        logits[:, self.config.pad_token_id] = -torch.inf
        if kwargs["cur_len"] == kwargs["max_length"] - 1 and self.config.eos_token_id is not None:
            return only(logits, self.config.eos_token_id)
        return logits
