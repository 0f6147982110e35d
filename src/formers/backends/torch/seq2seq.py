"""Models of an encoder and a decoder that share their table of words."""
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import ByWidth, CacheFormat, EncoderDecoder, RotatedInputs, Stack
from formers.calling import no_token_for_labels, nothing_to_decode
from formers.generation.steps import PairSteps
from formers.outputs import ModelOutput, encoder_fields

from .caches import write_cache
from .deviations import set_deviations
from .losses import IGNORED
from .model import PreTrainedModel
from .stack import StackBlocks


class Tower(StackBlocks):
    """The encoder or the decoder of a larger model.

    Args:
        stack: its spec.
        tokens: the table of words that it shares.
    """

    def __init__(self, stack: Stack, tokens: nn.Embedding):
        super().__init__()
        self.build_stack(stack, tokens)

    def forward(
        self, input_ids: Tensor | None = None, attention_mask: Tensor | None = None, **inputs: Any
    ) -> ModelOutput:
        """Run the stack.

        Args:
            input_ids, attention_mask: *Shape:* `[batch, seq]`.
            **inputs: see `StackBlocks.run_stack`.

        Returns:
            `last_hidden_state, (hidden_states), (attentions)`.
        """
        hidden, states, attentions = self.run_stack(input_ids, attention_mask, **inputs)
        return ModelOutput(last_hidden_state=hidden, hidden_states=states, attentions=attentions)


class Seq2SeqModel(PreTrainedModel):
    """Base of the families with an encoder and a decoder."""

    shared: nn.Embedding
    encoder: Tower
    decoder: Tower

    def _build_base(self, architecture: EncoderDecoder) -> None:
        words = architecture.encoder.embeddings
        self.shared = nn.Embedding(words.vocabulary, words.size, padding_idx=words.pad)
        self.encoder = Tower(architecture.encoder, self.shared)
        self.decoder = Tower(architecture.decoder, self.shared)
        self.decoder_inputs = architecture.decoder_inputs
        if isinstance(architecture.init, ByWidth):
            set_deviations(self, architecture.init)

    def _head_stack(self, architecture: EncoderDecoder) -> Stack:
        return architecture.decoder

    def _cache_form(self) -> CacheFormat | None:
        return self.decoder.stack.cache

    def _cache_layers(self) -> int:
        return len(self.decoder.layers)

    # --- calling ------------------------------------------------------------------------------------------------------

    def _run_heads(self, inputs: dict[str, Any]) -> ModelOutput:
        base: Any = self.base_model if self.nested_base else self
        labels = inputs.get("labels")
        if isinstance(base.decoder_inputs, RotatedInputs):
            if any(inputs.get(name) is not None for head in self.heads for name in head.labels):
                inputs["use_cache"] = False
        elif labels is not None and inputs["decoder_input_ids"] is None and inputs["decoder_inputs_embeds"] is None:
            inputs["decoder_input_ids"] = base._shift_right(labels)
        return super()._run_heads(inputs)

    def _run_base(self, inputs: dict[str, Any], first_token_only: bool = False) -> ModelOutput:
        ids, encoder_outputs = inputs["decoder_input_ids"], inputs.pop("encoder_outputs")
        flags = {name: inputs[name] for name in ("output_attentions", "output_hidden_states")}
        mask, head_mask = inputs["attention_mask"], inputs.get("head_mask")
        if encoder_outputs is None:
            encoder_outputs = self.encoder(
                inputs["input_ids"], mask, inputs_embeds=inputs.get("inputs_embeds"), head_mask=head_mask, **flags
            )
        inner = inputs.get("cache") is not None
        embeds, own_mask, start = inputs.get("decoder_inputs_embeds"), inputs.get("decoder_attention_mask"), None
        if isinstance(self.decoder_inputs, RotatedInputs) and not inner:
            if ids is None:
                ids = _rotate(_given(inputs["input_ids"], "decoder_input_ids"), self.decoder_inputs.pad)
                inputs["use_cache"] = False
            if inputs["use_cache"]:  # all ids so far; those but the last are in the cache
                start, ids, own_mask = ids.shape[1] - 1, ids[:, -1:], None
            elif own_mask is None:
                own_mask = _visible(ids, self.decoder_inputs.pad)
        elif not inner and ids is not None and self._has_past(inputs):
            ids = ids[:, -1:]
        if ids is None and embeds is None:
            labels = any("labels" in head.labels for head in getattr(self, "heads", ()))
            raise ValueError(nothing_to_decode(getattr(self.decoder_inputs, "start", None), labels))
        cache, form = self._open_cache(inputs)
        output = self.decoder(
            ids,
            own_mask,
            inputs_embeds=embeds,
            head_mask=head_mask,
            encoder_hidden_states=encoder_outputs[0],
            encoder_attention_mask=mask,
            cache=cache,
            start=start,
            **flags,
        )
        past = None
        if cache is not None and form is not None:
            hidden_positions = None if mask is None else mask == 0
            of_encoder = (encoder_outputs[0], hidden_positions) if form is CacheFormat.NAMED else tuple(encoder_outputs)
            past = (of_encoder, write_cache(form, cache))
        return ModelOutput(
            last_hidden_state=output.last_hidden_state,
            past_key_values=past,
            decoder_hidden_states=output.hidden_states,
            decoder_attentions=output.attentions,
            **encoder_fields(encoder_outputs),
        )

    def _has_past(self, inputs: dict[str, Any]) -> bool:
        assert self.task is not None and self.task.cache is not None
        return inputs.get(self.task.cache) is not None

    def _shift_right(self, labels: Tensor) -> Tensor:
        """Decoder inputs from labels. *Shape:* `[batch, seq]`."""
        spec = self.decoder_inputs
        assert not isinstance(spec, RotatedInputs)
        if spec.start is None or spec.pad is None:
            raise ValueError(no_token_for_labels(spec.start, spec.pad))
        start = labels.new_full((len(labels), 1), spec.start)
        return torch.cat([start, labels[:, :-1].masked_fill(labels[:, :-1] == IGNORED, spec.pad)], 1)

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, input_ids: Tensor, past: Any, attention_mask: Tensor | None = None, use_cache: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        """Inputs of a generation step of the decoder.

        Args:
            input_ids: the decoder's ids so far. *Shape:* `[batch, seq]`.
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
            "decoder_input_ids": input_ids,
            "attention_mask": attention_mask,
            "use_cache": use_cache,
        }

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Tensor) -> Any:
        encoder_outputs, earlier = past
        return encoder_outputs, [_reordered(layer, beam_idx) for layer in earlier]

    def _pair_steps(self, capacity: int, encoded: Tensor, mask: Tensor | None, use_cache: bool) -> PairSteps:
        return PairSteps(self, capacity, encoded, mask, use_cache)

    # --- parts --------------------------------------------------------------------------------------------------------

    def get_encoder(self) -> Tower:
        """The encoder."""
        base: Any = self.base_model
        return base.encoder

    def get_decoder(self) -> Tower:
        """The decoder."""
        base: Any = self.base_model
        return base.decoder

    def get_input_embeddings(self) -> nn.Module:
        """The table of words."""
        base: Any = self.base_model
        return base.shared

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Replace the table of words, in encoder and decoder too."""
        base: Any = self.base_model
        base.shared = base.encoder.embeddings.tokens = base.decoder.embeddings.tokens = value

    def prune_heads(self, heads_to_prune: Any) -> None:
        """Not for these models.

        Raises:
            NotImplementedError: always; it is not documented which of their attentions a number means.
        """
        raise NotImplementedError(f"{type(self).__name__} has no pruning of heads: pass a head_mask, or prune by hand")


def _reordered(past: Any, rows: Tensor) -> Any:
    if isinstance(past, Tensor):
        return past.index_select(0, rows)
    if isinstance(past, dict):
        return {name: _reordered(value, rows) for name, value in past.items()}
    return None if past is None else tuple(_reordered(value, rows) for value in past)


def _given(input_ids: Tensor | None, name: str) -> Tensor:
    if input_ids is None:
        raise ValueError(f"without input_ids there is nothing to make {name} of: give {name}")
    return input_ids


def _rotate(input_ids: Tensor, pad: int) -> Tensor:
    """Every row with its last token that is no padding moved to the front. *Shape:* `[batch, seq]`."""
    last = (input_ids != pad).sum(1, keepdim=True).sub(1).clamp(min=0)
    return torch.cat([input_ids.gather(1, last), input_ids[:, :-1]], 1)


def _visible(ids: Tensor, pad: int) -> Tensor | None:
    """1 where there is no padding, and at the first position: some models start with it. *Shape:* `[batch, seq]`."""
    visible = (ids != pad).long()
    visible[:, 0] = 1
    return visible
