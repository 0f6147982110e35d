"""CTRL's Keras classes."""
from typing import Any

from formers.backends.keras import TFMainLayer, TFPreTrainedModel, twin
from formers.outputs import ModelOutput

from . import FAMILY, classes
from .configuration import TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST as TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST


class TFCTRLMainLayer(TFMainLayer, family=FAMILY):
    """CTRL without heads as a Keras layer.

    As documented for the Keras classes, it computes the last position alone where `past` is given.
    """

    def run(self, inputs: dict[str, Any], training: bool = False, first_only: bool = False) -> ModelOutput:
        """See `TFMainLayer.run`."""
        if inputs.get("past") is not None:
            names = ("input_ids", "token_type_ids", "position_ids", "inputs_embeds")
            last = {name: inputs[name][:, -1:] for name in names if inputs[name] is not None}
            inputs = {**inputs, **last}
        return super().run(inputs, training, first_only)


class TFCTRLPreTrainedModel(TFPreTrainedModel, family=FAMILY, main_layer=TFCTRLMainLayer):
    """Base of CTRL's Keras classes, and of custom models around a `TFCTRLMainLayer`."""


TFCTRLModel = twin(classes.BASE, TFCTRLPreTrainedModel)


class TFCTRLLMHeadModel(TFCTRLPreTrainedModel, public=classes.LM_HEAD):
    """`CTRLLMHeadModel` in Keras."""

    def prepare_inputs_for_generation(self, inputs: Any, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Return the inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            inputs = inputs[:, -1:]
        return {"inputs": inputs, "past": past, "use_cache": kwargs.get("use_cache")}
