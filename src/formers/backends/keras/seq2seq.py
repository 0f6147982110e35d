"""Models of an encoder and a decoder that share their table of words."""
from typing import Any, ClassVar

import keras
from keras import ops

from formers.architecture import CacheFormat, EncoderDecoder, Init, RotatedInputs, ShiftedLabels, Stack
from formers.calling import no_token_for_labels, nothing_to_decode
from formers.generation.steps import PairSteps
from formers.outputs import ModelOutput, encoder_fields

from .caches import Cache, write_cache
from .embeddings import TFSharedEmbeddings, words
from .losses import IGNORED
from .main_layer import TFMainLayer, length_of
from .model import TFPreTrainedModel
from .stack import StackBlocks


class Tower(StackBlocks):
    """The encoder or the decoder of a larger model.

    Args:
        stack: its spec.
        init: where fresh weights come from.
        tokens: the table of words that it shares.
        name: name of the layer.
    """

    def __init__(self, stack: Stack, init: Init, tokens: TFSharedEmbeddings, name: str):
        super().__init__(name=name)
        self.build_stack(stack, init, tokens)
        self.built = True

    def call(
        self,
        input_ids: Any | None = None,
        attention_mask: Any | None = None,
        inputs_embeds: Any | None = None,
        head_mask: Any | None = None,
        encoder_hidden_states: Any | None = None,
        encoder_attention_mask: Any | None = None,
        output_attentions: bool = False,
        output_hidden_states: bool = False,
        cache: Cache | None = None,
        start: Any | None = None,
        training: bool = False,
    ) -> ModelOutput:
        """Run the stack; for the arguments see `StackBlocks.run_stack`.

        Returns:
            `last_hidden_state, (hidden_states), (attentions)`.
        """
        hidden, states, attentions = self.run_stack(
            input_ids,
            attention_mask,
            head_mask=head_mask,
            inputs_embeds=inputs_embeds,
            encoder_hidden_states=encoder_hidden_states,
            encoder_attention_mask=encoder_attention_mask,
            output_attentions=output_attentions,
            output_hidden_states=output_hidden_states,
            cache=cache,
            start=start,
            training=training,
        )
        return ModelOutput(last_hidden_state=hidden, hidden_states=states, attentions=attentions)


class TFSeq2SeqMainLayer(TFMainLayer):
    """Base of the main layers with an encoder and a decoder."""

    shared: TFSharedEmbeddings
    encoder: Tower
    decoder: Tower

    def build_base(self, architecture: EncoderDecoder) -> None:
        """Create the blocks."""
        self.shared = words(architecture.encoder.embeddings, architecture.init)
        self.encoder = Tower(architecture.encoder, architecture.init, self.shared, "encoder")
        self.decoder = Tower(architecture.decoder, architecture.init, self.shared, "decoder")
        self.decoder_inputs = architecture.decoder_inputs

    def decoding_stack(self) -> StackBlocks:
        """The decoder."""
        return self.decoder

    def check_lengths(self, inputs: dict[str, Any]) -> None:
        """See `TFMainLayer.check_lengths`."""
        self.encoder.embeddings.check_length(length_of(inputs, "input_ids", "inputs_embeds"))
        self.decoder.embeddings.check_length(length_of(inputs, "decoder_input_ids", "decoder_inputs_embeds"))

    def get_input_embeddings(self) -> TFSharedEmbeddings:
        """The table of words."""
        return self.shared

    def run(self, inputs: dict[str, Any], training: bool = False) -> ModelOutput:
        """See `TFMainLayer.run`."""
        inputs = dict(inputs)
        ids, encoder_outputs = inputs["decoder_input_ids"], inputs.pop("encoder_outputs")
        flags = {name: inputs[name] for name in ("output_attentions", "output_hidden_states")}
        mask, head_mask = inputs["attention_mask"], inputs.get("head_mask")
        if encoder_outputs is None:
            encoder_outputs = self.encoder(
                inputs["input_ids"],
                attention_mask=mask,
                inputs_embeds=inputs.get("inputs_embeds"),
                head_mask=head_mask,
                training=training,
                **flags,
            )
        inner = inputs.get("cache") is not None
        embeds, own_mask, start = inputs.get("decoder_inputs_embeds"), inputs.get("decoder_attention_mask"), None
        if isinstance(self.decoder_inputs, RotatedInputs) and not inner:
            if ids is None:
                ids = _rotate(_given(inputs["input_ids"], "decoder_input_ids"), self.decoder_inputs.pad)
                inputs["use_cache"] = False
            if inputs["use_cache"]:  # all ids so far; those but the last are in the cache
                start, ids, own_mask = ops.shape(ids)[1] - 1, ids[:, -1:], None
            elif own_mask is None:
                own_mask = _visible(ids, self.decoder_inputs.pad)
        elif not inner and ids is not None and inputs.get(str(self.task.cache)) is not None:
            ids = ids[:, -1:]
        if ids is None and embeds is None:
            raise ValueError(nothing_to_decode(getattr(self.decoder_inputs, "start", None)))
        cache, form = self._open_cache(inputs)
        output = self.decoder(
            ids,
            attention_mask=own_mask,
            inputs_embeds=embeds,
            head_mask=head_mask,
            encoder_hidden_states=encoder_outputs[0],
            encoder_attention_mask=mask,
            cache=cache,
            start=start,
            training=training,
            **flags,
        )
        past = None
        if cache is not None and form is not None:
            hidden_positions = None if mask is None else ops.equal(mask, 0)
            of_encoder = (encoder_outputs[0], hidden_positions) if form is CacheFormat.NAMED else tuple(encoder_outputs)
            past = (of_encoder, write_cache(form, cache))
        return ModelOutput(
            last_hidden_state=output.last_hidden_state,
            past_key_values=past,
            decoder_hidden_states=output.hidden_states,
            decoder_attentions=output.attentions,
            **encoder_fields(encoder_outputs),
        )

    def shift_right(self, labels: Any) -> Any:
        """Decoder inputs from labels. *Shape:* `[batch, seq]`."""
        spec = self.decoder_inputs
        assert isinstance(spec, ShiftedLabels)
        if spec.start is None or spec.pad is None:
            raise ValueError(no_token_for_labels(spec.start, spec.pad))
        kept = labels[:, :-1]
        for label in IGNORED:
            kept = ops.where(ops.equal(kept, label), ops.cast(spec.pad, kept.dtype), kept)
        return ops.concatenate([ops.full_like(labels[:, :1], spec.start), kept], 1)


class TFSeq2SeqModel(TFPreTrainedModel):
    """Base of the families with an encoder and a decoder."""

    main_layer: ClassVar[type[TFSeq2SeqMainLayer]]

    @property
    def dummy_inputs(self) -> dict[str, Any]:
        """A small input that the model can be called with."""
        ids = super().dummy_inputs["input_ids"]
        return {"input_ids": ids, "decoder_input_ids": ids, "decoder_attention_mask": ops.ones_like(ids)}

    def _run_heads(self, inputs: dict[str, Any], training: bool = False) -> ModelOutput:
        base: Any = self.base_layer
        labels, inputs = inputs.get("labels"), dict(inputs)
        if isinstance(base.decoder_inputs, RotatedInputs):
            if any(inputs.get(name) is not None for head in self.heads for name in head.labels):
                inputs["use_cache"] = False
        elif labels is not None and inputs["decoder_input_ids"] is None and inputs["decoder_inputs_embeds"] is None:
            inputs["decoder_input_ids"] = base.shift_right(labels)
        return super()._run_heads(inputs, training)

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, inputs: Any, past: Any, attention_mask: Any | None = None, use_cache: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        """Inputs of a generation step of the decoder.

        Args:
            inputs: the decoder's ids so far. *Shape:* `[batch, seq]`.
            past: a pair of the encoder's outputs and the decoder's earlier keys and values, or the outputs alone.
            attention_mask: of the encoder. *Shape:* `[batch, encoder seq]`.
            use_cache: give keys and values back.
            **kwargs: without effect.
        """
        encoder_outputs, earlier = (past, None) if len(past) < 2 else past
        assert self.task is not None and self.task.cache is not None
        return {
            "input_ids": None,
            "encoder_outputs": encoder_outputs,
            self.task.cache: earlier,
            "decoder_input_ids": inputs,
            "attention_mask": attention_mask,
            "use_cache": use_cache,
        }

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Any) -> Any:
        encoder_outputs, earlier = past
        reordered = keras.tree.map_structure(
            lambda x: None if x is None else ops.take(x, beam_idx, axis=0), list(earlier)
        )
        return encoder_outputs, reordered

    def _pair_steps(self, capacity: int, encoded: Any, mask: Any | None, use_cache: bool) -> PairSteps:
        return PairSteps(self, capacity, encoded, mask, use_cache)

    def get_encoder(self) -> Tower:
        """The encoder."""
        base: Any = self.base_layer
        return base.encoder

    def get_decoder(self) -> Tower:
        """The decoder."""
        base: Any = self.base_layer
        return base.decoder

    def prune_heads(self, heads_to_prune: Any) -> None:
        """Not for these models.

        Raises:
            NotImplementedError: always; it is not documented which of their attentions a number means.
        """
        raise NotImplementedError(f"{type(self).__name__} has no pruning of heads: pass a head_mask, or prune by hand")


def _given(input_ids: Any | None, name: str) -> Any:
    if input_ids is None:
        raise ValueError(f"without input_ids there is nothing to make {name} of: give {name}")
    return input_ids


def _rotate(input_ids: Any, pad: int) -> Any:
    """Every row with its last token that is no padding moved to the front. *Shape:* `[batch, seq]`."""
    real = ops.cast(ops.not_equal(input_ids, pad), "int32")
    last = ops.maximum(ops.sum(real, axis=1, keepdims=True) - 1, 0)
    return ops.concatenate([ops.take_along_axis(input_ids, last, axis=1), input_ids[:, :-1]], 1)


def _visible(ids: Any, pad: int) -> Any:
    """1 where there is no padding, and at the first position: some models start with it. *Shape:* `[batch, seq]`."""
    visible = ops.cast(ops.not_equal(ids, pad), "int32")
    return ops.concatenate([ops.ones_like(visible[:, :1]), visible[:, 1:]], 1)
