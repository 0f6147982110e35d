"""GPT-2's Keras classes."""
from dataclasses import replace
from typing import Any

from formers.backends.keras import TFMainLayer, TFPreTrainedModel

from . import FAMILY, tasks
from .configuration import TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST as TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import GPT2Config


class TFGPT2MainLayer(TFMainLayer):
    """GPT-2 without heads as a Keras layer."""

    config_class = GPT2Config
    family = FAMILY
    task = tasks.BASE


class TFGPT2PreTrainedModel(TFPreTrainedModel):
    """Base of GPT-2's Keras classes, and of models of one's own around a `TFGPT2MainLayer`."""

    family = FAMILY
    main_layer = TFGPT2MainLayer


class TFGPT2Model(TFGPT2PreTrainedModel):
    """`GPT2Model` in Keras."""

    task = tasks.BASE


class TFGPT2LMHeadModel(TFGPT2PreTrainedModel):
    """`GPT2LMHeadModel` in Keras."""

    task = tasks.LM_HEAD.without("labels")

    def prepare_inputs_for_generation(self, inputs: Any, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            inputs = inputs[:, -1:]
        return {"inputs": inputs, "past": past, "use_cache": kwargs.get("use_cache")}


class TFGPT2DoubleHeadsModel(TFGPT2PreTrainedModel):
    """`GPT2DoubleHeadsModel` in Keras; all choices stand side by side in its hidden states and attentions."""

    task = replace(tasks.DOUBLE_HEADS.without("labels", "mc_labels"), choice_outputs=())
