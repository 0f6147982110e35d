"""CTRL's PyTorch classes."""
from typing import Any

from torch import Tensor

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.table_names import NewEmbeddings

from . import tasks
from .architecture import architecture
from .configuration import CTRL_PRETRAINED_MODEL_ARCHIVE_LIST as CTRL_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import CTRLConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


class CTRLPreTrainedModel(PreTrainedModel):
    """Base of CTRL's classes, and of models of one's own around a `CTRLModel`."""

    config_class = CTRLConfig
    base_model_prefix = "transformer"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT


class CTRLModel(NewEmbeddings, CTRLPreTrainedModel):
    """CTRL without heads: `last_hidden_state, (past_key_values), (hidden_states), (attentions)`."""

    task = tasks.BASE


class CTRLLMHeadModel(CTRLPreTrainedModel):
    """CTRL as a language model: `(loss), logits, (past_key_values), ...`."""

    task = tasks.LM_HEAD

    def prepare_inputs_for_generation(self, input_ids: Tensor, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            input_ids = input_ids[:, -1:]
        return {"input_ids": input_ids, "past": past, "use_cache": kwargs.get("use_cache")}
