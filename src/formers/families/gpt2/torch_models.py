"""GPT-2's PyTorch classes."""
from typing import Any

from torch import Tensor

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.table_names import NewEmbeddings

from . import tasks
from .architecture import architecture
from .configuration import GPT2_PRETRAINED_MODEL_ARCHIVE_LIST as GPT2_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import GPT2Config
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


class GPT2PreTrainedModel(PreTrainedModel):
    """Base of GPT-2's classes, and of models of one's own around a `GPT2Model`."""

    config_class = GPT2Config
    base_model_prefix = "transformer"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT


class GPT2Model(NewEmbeddings, GPT2PreTrainedModel):
    """GPT-2 without heads: `last_hidden_state, (past_key_values), (hidden_states), (attentions)`."""

    task = tasks.BASE


class GPT2LMHeadModel(GPT2PreTrainedModel):
    """GPT-2 as a language model: `(loss), logits, (past_key_values), ...`."""

    task = tasks.LM_HEAD

    def prepare_inputs_for_generation(self, input_ids: Tensor, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            input_ids = input_ids[:, -1:]
        return {"input_ids": input_ids, "past": past, "use_cache": kwargs.get("use_cache")}


class GPT2DoubleHeadsModel(GPT2PreTrainedModel):
    """GPT-2 as a language model that also picks one of several texts, `[batch, choices, seq]`.

    `(loss), (mc_loss), lm_logits, mc_logits, (past_key_values), ...`
    """

    task = tasks.DOUBLE_HEADS
