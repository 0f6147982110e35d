"""GPT-2's Keras classes."""
from typing import Any

from formers.backends.keras import TFMainLayer, TFPreTrainedModel, twin
from formers.backends.keras.activations import gelu_new as gelu  # noqa: F401  (the module's name of it)

from . import FAMILY, classes
from .configuration import TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST as TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST


class TFGPT2MainLayer(TFMainLayer, family=FAMILY):
    """GPT-2 without heads as a Keras layer."""


class TFGPT2PreTrainedModel(TFPreTrainedModel, family=FAMILY, main_layer=TFGPT2MainLayer):
    """Base of GPT-2's Keras classes, and of custom models around a `TFGPT2MainLayer`."""


TFGPT2Model = twin(classes.BASE, TFGPT2PreTrainedModel)
TFGPT2DoubleHeadsModel = twin(classes.DOUBLE_HEADS, TFGPT2PreTrainedModel)


class TFGPT2LMHeadModel(TFGPT2PreTrainedModel, public=classes.LM_HEAD):
    """`GPT2LMHeadModel` in Keras."""

    def prepare_inputs_for_generation(self, inputs: Any, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Return the inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            inputs = inputs[:, -1:]
        return {"inputs": inputs, "past": past, "use_cache": kwargs.get("use_cache")}
