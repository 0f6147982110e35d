"""Models of an encoder and a decoder that share their token embeddings."""
from typing import Any

from torch import Tensor, nn

from formers.generation.inputs import decoder_inputs
from formers.generation.steps import PairSteps

from .containers import is_plain
from .model import PreTrainedModel


class Seq2SeqModel(PreTrainedModel):
    """Base of the families with an encoder and a decoder."""

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, input_ids: Tensor, past: Any, attention_mask: Tensor | None = None, use_cache: bool = True, **kwargs: Any
    ) -> dict[str, Any]:
        """Return the inputs of a generation step of the decoder.

        Args:
            input_ids: the decoder's ids so far. *Shape:* `[batch, seq]`.
            past: a pair of the encoder's outputs and the decoder's earlier keys and values, or the outputs alone.
            attention_mask: of the encoder. *Shape:* `[batch, encoder seq]`.
            use_cache: give keys and values back.
            **kwargs: without effect.
        """
        assert self.task is not None
        return decoder_inputs(self.task, input_ids, past, attention_mask, use_cache)

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Tensor) -> Any:
        encoder_outputs, earlier = past
        if earlier is None:
            return past
        return encoder_outputs, [_reordered(layer, beam_idx) for layer in earlier]

    def may_step_inside(self) -> bool:
        """Tell whether steps of generation may call the network: not where the model or its decoder is looked at, or
        another than the library's."""
        base: Any = self.base_model
        return super().may_step_inside() and is_plain(base.decoder)

    def _pair_steps(self, capacity: int, encoded: Tensor, mask: Tensor | None, use_cache: bool) -> PairSteps:
        return PairSteps(self, capacity, encoded, mask, use_cache)

    def get_encoder(self) -> nn.Module:
        """Return the encoder."""
        base: Any = self.base_model
        return base.encoder

    def get_decoder(self) -> nn.Module:
        """Return the decoder."""
        base: Any = self.base_model
        return base.decoder


def _reordered(past: Any, rows: Tensor) -> Any:
    if isinstance(past, Tensor):
        return past.index_select(0, rows)
    if isinstance(past, dict):
        return {name: _reordered(value, rows) for name, value in past.items()}
    return None if past is None else tuple(_reordered(value, rows) for value in past)
