"""Models of an encoder and a decoder that share their token embeddings."""
from typing import Any

from formers.architecture import CacheFormat, EncoderDecoder, RotatedInputs, ShiftedLabels
from formers.calling import no_token_for_labels, nothing_to_decode
from formers.outputs import ModelOutput, encoder_fields

from .call import Call
from .calls import call_of, open_cache
from .documented_caches import documented_cache
from .losses import IGNORED


def run_pair(model: Any, inputs: dict[str, Any]) -> ModelOutput:
    """Run encoder and decoder; see `model.run_base`.

    Raises:
        ValueError: the decoder has nothing to read.
    """
    ops, spec = model.ops, model.spec
    ids, encoder_outputs = inputs["decoder_input_ids"], inputs.pop("encoder_outputs")
    mask, head_mask = inputs["attention_mask"], inputs.get("head_mask")
    if encoder_outputs is None:
        output = model.run_encoder(call_of(spec.encoder, inputs))
        encoder_outputs = ModelOutput(
            last_hidden_state=output.hidden, hidden_states=output.states, attentions=output.weights
        )
    inner = inputs.get("cache") is not None
    embeds, decoder_mask, start = inputs.get("decoder_inputs_embeds"), inputs.get("decoder_attention_mask"), None
    so_far = None if inner else ids
    if isinstance(spec.decoder_inputs, RotatedInputs) and not inner:
        if ids is None:
            ids = rotate(ops, _given(inputs["input_ids"]), spec.decoder_inputs.padding)
            inputs["use_cache"] = False
        if inputs["use_cache"]:  # all ids so far; those but the last are in the cache
            start, ids, decoder_mask = ops.size(ids, 1) - 1, ids[:, -1:], None
        elif decoder_mask is None:
            decoder_mask = visible(ops, ids, spec.decoder_inputs.padding)
    elif not inner and ids is not None and inputs.get(model.task.cache) is not None:
        ids = ids[:, -1:]
    if ids is None and embeds is None:
        labels = any("labels" in head.labels for head in model.head_specs)
        raise ValueError(nothing_to_decode(getattr(spec.decoder_inputs, "start", None), labels))
    cache, documented = open_cache(model, inputs)
    output = model.run_decoder(
        Call(
            input_ids=ids,
            inputs_embeds=embeds,
            attention_mask=decoder_mask,
            head_mask=head_mask,
            encoder_states=encoder_outputs[0],
            encoder_mask=mask,
            cache=cache,
            start=start,
            want_weights=bool(inputs.get("output_attentions")),
            want_states=bool(inputs.get("output_hidden_states")),
            ids_so_far=so_far,
        )
    )
    past = None
    if cache is not None and documented is not None:
        masked = None if mask is None else mask == 0
        of_encoder = (encoder_outputs[0], masked) if documented is CacheFormat.NAMED else tuple(encoder_outputs)
        past = (of_encoder, documented_cache(cache, documented, ops.stack))
    return ModelOutput(
        last_hidden_state=output.hidden,
        past_key_values=past,
        decoder_hidden_states=output.states,
        decoder_attentions=output.weights,
        **encoder_fields(encoder_outputs),
    )


def prepare_labels(model: Any, inputs: dict[str, Any]) -> None:
    """Make the decoder's ids of the labels where it gets none and its model does so; with labels there is no cache."""
    spec: EncoderDecoder = model.spec
    labels = inputs.get("labels")
    if isinstance(spec.decoder_inputs, RotatedInputs):
        if any(inputs.get(name) is not None for head in model.head_specs for name in head.labels):
            inputs["use_cache"] = False
    elif labels is not None and inputs["decoder_input_ids"] is None and inputs.get("decoder_inputs_embeds") is None:
        inputs["decoder_input_ids"] = shift_right(model.ops, spec.decoder_inputs, model.ops.as_labels(labels))


def shift_right(ops: Any, spec: ShiftedLabels, labels: Any) -> Any:
    """Make the decoder's ids of labels. *Shape:* `[batch, seq]`.

    Raises:
        ValueError: the configuration lacks a token for it.
    """
    if spec.start is None or spec.padding is None:
        raise ValueError(no_token_for_labels(spec.start, spec.padding))
    kept = labels[:, :-1]
    kept = ops.where(kept == IGNORED, kept * 0 + spec.padding, kept)
    return ops.concat([labels[:, :1] * 0 + spec.start, kept], 1)


def rotate(ops: Any, input_ids: Any, padding: int) -> Any:
    """Move the last token of every row that is not padding to the front. *Shape:* `[batch, seq]`."""
    real = ops.as_ids(input_ids != padding)
    last = ops.clip(ops.sum(real, 1) - 1, 0, None)
    return ops.concat([ops.take_along_axis(input_ids, last[:, None]), input_ids[:, :-1]], 1)


def visible(ops: Any, ids: Any, padding: int) -> Any:
    """Return 1 where there is a token, and at the first position: some models start with padding. *Shape:* as `ids`."""
    real = ops.as_ids(ids != padding)
    return ops.where(ops.arange(ops.size(ids, 1), ids) == 0, real * 0 + 1, real)


def _given(input_ids: Any) -> Any:
    if input_ids is None:
        raise ValueError("without input_ids there is nothing to make decoder_input_ids of: give decoder_input_ids")
    return input_ids
