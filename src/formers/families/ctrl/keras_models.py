"""CTRL's Keras classes."""
from typing import Any

from formers.backends.keras import TFMainLayer, TFPreTrainedModel
from formers.outputs import ModelOutput

from . import FAMILY, tasks
from .configuration import TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST as TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST


class TFCTRLMainLayer(TFMainLayer):
    """CTRL without heads as a Keras layer.

    As documented for the Keras classes, it computes the last position alone where `past` is given.
    """

    family = FAMILY
    task = tasks.BASE

    def run(self, inputs: dict[str, Any], training: bool = False) -> ModelOutput:
        """See `TFMainLayer.run`."""
        if inputs.get("past") is not None:
            names = ("input_ids", "token_type_ids", "position_ids", "inputs_embeds")
            last = {name: inputs[name][:, -1:] for name in names if inputs[name] is not None}
            inputs = {**inputs, **last}
        return super().run(inputs, training)


class TFCTRLPreTrainedModel(TFPreTrainedModel):
    """Base of CTRL's Keras classes, and of models of one's own around a `TFCTRLMainLayer`."""

    family = FAMILY
    main_layer = TFCTRLMainLayer


class TFCTRLModel(TFCTRLPreTrainedModel):
    """`CTRLModel` in Keras."""

    task = tasks.BASE


class TFCTRLLMHeadModel(TFCTRLPreTrainedModel):
    """`CTRLLMHeadModel` in Keras."""

    task = tasks.LM_HEAD.without("labels")

    def prepare_inputs_for_generation(self, inputs: Any, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            inputs = inputs[:, -1:]
        return {"inputs": inputs, "past": past, "use_cache": kwargs.get("use_cache")}
