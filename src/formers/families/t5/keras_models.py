"""T5's Keras classes."""
from typing import Any

from formers.backends.keras import TFPairLayer, TFSeq2SeqModel, TFSharedEmbeddings, TFStackLayer, twin

from . import FAMILY, classes
from .configuration import TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST as TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST


class TFT5MainLayer(TFStackLayer, family=FAMILY):
    """T5's encoder, or for a configuration with `is_decoder` its decoder, as a Keras layer."""


class TFT5PairLayer(TFPairLayer, family=FAMILY):
    """T5 without heads as a Keras layer."""

    stack_class = TFT5MainLayer


class TFT5PreTrainedModel(TFSeq2SeqModel, family=FAMILY, main_layer=TFT5PairLayer):
    """Base of T5's Keras classes, and of custom models around a `TFT5Model`."""

    base_model_prefix = "transformer"

    @property
    def shared(self) -> TFSharedEmbeddings:
        """The token embeddings."""
        return self.get_input_embeddings()

    @property
    def encoder(self) -> TFStackLayer:
        """The encoder."""
        return self.get_encoder()

    @property
    def decoder(self) -> TFStackLayer:
        """The decoder."""
        return self.get_decoder()

    def set_input_embeddings(self, new_embeddings: Any) -> None:
        """Give the token embeddings other values: an array *of shape* `[tokens, size]`, or a layer with a `weight`."""
        super().set_input_embeddings(new_embeddings)


TFT5Model = twin(classes.BASE, TFT5PreTrainedModel)


class TFT5ForConditionalGeneration(TFT5PreTrainedModel, public=classes.CONDITIONAL_GENERATION):
    """`T5ForConditionalGeneration` in Keras."""

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, inputs: Any, past: Any, attention_mask: Any | None, use_cache: bool, **kwargs: Any
    ) -> dict[str, Any]:
        """See `TFSeq2SeqModel.prepare_inputs_for_generation`."""
        return super().prepare_inputs_for_generation(inputs, past, attention_mask, use_cache, **kwargs)
