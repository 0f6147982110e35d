"""T5's Keras classes."""
from typing import Any

from formers.backends.keras.embeddings import TFSharedEmbeddings
from formers.backends.keras.seq2seq import TFSeq2SeqMainLayer, TFSeq2SeqModel, Tower

from . import FAMILY, tasks
from .configuration import TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST as TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST


class TFT5MainLayer(TFSeq2SeqMainLayer):
    """T5 without heads as a Keras layer."""

    family = FAMILY
    task = tasks.BASE


class TFT5PreTrainedModel(TFSeq2SeqModel):
    """Base of T5's Keras classes, and of models of one's own around a `TFT5Model`."""

    family = FAMILY
    base_model_prefix = "transformer"
    main_layer = TFT5MainLayer

    @property
    def shared(self) -> TFSharedEmbeddings:
        """The table of words."""
        return self.get_input_embeddings()

    @property
    def encoder(self) -> Tower:
        """The encoder."""
        return self.get_encoder()

    @property
    def decoder(self) -> Tower:
        """The decoder."""
        return self.get_decoder()

    def set_input_embeddings(self, new_embeddings: Any) -> None:
        """Give the table of words other values: an array *of shape* `[words, size]`, or a layer with a `weight`."""
        super().set_input_embeddings(new_embeddings)


class TFT5Model(TFT5PreTrainedModel):
    """`T5Model` in Keras."""

    task = tasks.BASE


class TFT5ForConditionalGeneration(TFT5PreTrainedModel):
    """`T5ForConditionalGeneration` in Keras."""

    task = tasks.CONDITIONAL_GENERATION.without("labels")

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, inputs: Any, past: Any, attention_mask: Any | None, use_cache: bool, **kwargs: Any
    ) -> dict[str, Any]:
        """See `TFSeq2SeqModel.prepare_inputs_for_generation`."""
        return super().prepare_inputs_for_generation(inputs, past, attention_mask, use_cache, **kwargs)
