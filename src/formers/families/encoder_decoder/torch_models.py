"""An encoder and a decoder of any families as one model."""
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from torch import Tensor, nn

import formers
from formers.backends.torch import PreTrainedModel
from formers.backends.torch.ops.layers import is_untouched
from formers.calling import nothing_to_decode
from formers.configuration import PretrainedConfig
from formers.families import families
from formers.generation.steps import StackSteps
from formers.hub import split_hub_kwargs
from formers.outputs import ModelOutput, encoder_fields

from . import FAMILY
from .configuration import EncoderDecoderConfig

logger = logging.getLogger(__name__)


class EncoderDecoderModel(PreTrainedModel, family=FAMILY):
    """A model that reads with one pretrained model and writes with another.

    The decoder needs cross-attention: BERT has it with `is_decoder` in its config.

    Args:
        config: the configurations of both; made of those of the models by default.
        encoder: a base model; a new one by default.
        decoder: a causal language model; a new one by default.

    Raises:
        ValueError: neither a configuration nor two models are given.
    """

    base_model_prefix = "encoder_decoder"

    def __init__(
        self,
        config: EncoderDecoderConfig | None = None,
        encoder: PreTrainedModel | None = None,
        decoder: PreTrainedModel | None = None,
    ):
        if config is None:
            if encoder is None or decoder is None:
                raise ValueError("an EncoderDecoderModel needs a configuration, or an encoder and a decoder")
            config = EncoderDecoderConfig.from_encoder_decoder_configs(encoder.config, decoder.config)
        super().__init__(config)
        self.encoder = encoder if encoder is not None else _class_for(config.encoder, "base")(config.encoder)
        self.decoder = decoder if decoder is not None else _class_for(config.decoder, "causal_lm")(config.decoder)
        if self.encoder.get_output_embeddings() is not None:
            raise ValueError(f"the encoder is a {type(self.encoder).__name__}; expected a base model, without a head")

    @classmethod
    def from_encoder_decoder_pretrained(
        cls,
        encoder_pretrained_model_name_or_path: Any = None,
        decoder_pretrained_model_name_or_path: Any = None,
        *model_args: Any,
        **kwargs: Any,
    ) -> "EncoderDecoderModel":
        """Join two pretrained models; weights that the decoder lacks to look at the encoder are new.

        Args:
            encoder_pretrained_model_name_or_path: the encoder; not needed with `encoder_model`.
            decoder_pretrained_model_name_or_path: the decoder; not needed with `decoder_model`.
            *model_args: further arguments of the encoder.
            **kwargs: arguments of `from_pretrained` that start with `encoder_` or `decoder_`.
        """
        of_encoder, of_decoder = _starting("encoder_", kwargs), _starting("decoder_", kwargs)
        encoder = of_encoder.pop("model", None)
        if encoder is None:
            encoder = _load("encoder", encoder_pretrained_model_name_or_path, "base", of_encoder, *model_args)
        decoder = of_decoder.pop("model", None)
        if decoder is None:
            decoder = _load("decoder", decoder_pretrained_model_name_or_path, "causal_lm", of_decoder)
        return cls(encoder=encoder, decoder=decoder)

    def forward(
        self,
        input_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        attention_mask: Tensor | None = None,
        head_mask: Tensor | None = None,
        encoder_outputs: Any = None,
        decoder_input_ids: Tensor | None = None,
        decoder_attention_mask: Tensor | None = None,
        decoder_head_mask: Tensor | None = None,
        decoder_inputs_embeds: Tensor | None = None,
        labels: Tensor | None = None,
        **kwargs: Any,
    ) -> ModelOutput:
        """Run both models.

        Args:
            input_ids, inputs_embeds, attention_mask, head_mask: the encoder's.
            encoder_outputs: what the encoder gave before.
            decoder_input_ids, decoder_attention_mask, decoder_head_mask, decoder_inputs_embeds, labels: the decoder's.
            **kwargs: further arguments; those that start with `decoder_` are the decoder's.

        Returns:
            The decoder's outputs, then the encoder's.

        Raises:
            ValueError: there is nothing for the decoder to read.
        """
        of_encoder = {key: value for key, value in kwargs.items() if not key.startswith("decoder_")}
        of_decoder = _starting("decoder_", kwargs)
        if decoder_input_ids is None and decoder_inputs_embeds is None:
            raise ValueError(nothing_to_decode(self.config.decoder_start_token_id))
        if encoder_outputs is None:
            encoder_outputs = self.encoder(
                input_ids=input_ids,
                attention_mask=attention_mask,
                inputs_embeds=inputs_embeds,
                head_mask=head_mask,
                **of_encoder,
            )
        output = self.decoder(
            input_ids=decoder_input_ids,
            inputs_embeds=decoder_inputs_embeds,
            attention_mask=decoder_attention_mask,
            encoder_hidden_states=encoder_outputs[0],
            encoder_attention_mask=attention_mask,
            head_mask=decoder_head_mask,
            labels=labels,
            **of_decoder,
        )
        names = dict(output.items()) if isinstance(output, ModelOutput) else {}
        rest = tuple(output)[: len(output) - len(names)]  # of other modules, whose outputs have no names
        return ModelOutput(rest, **names, **encoder_fields(encoder_outputs))

    def prepare_inputs_for_generation(  # type: ignore[override]  # the documented arguments
        self, input_ids: Tensor, past: Any, attention_mask: Tensor | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Return the inputs of a generation step of the decoder; `past` starts with the encoder's outputs."""
        if isinstance(past, Tensor):  # what a step gave after the scores
            past = (past,)
        encoder_outputs = past[0] if isinstance(past[0], tuple) else past
        inputs = self.decoder.prepare_inputs_for_generation(input_ids)
        return {
            "attention_mask": attention_mask,
            "decoder_attention_mask": inputs.get("attention_mask"),
            "decoder_input_ids": inputs["input_ids"],
            "encoder_outputs": encoder_outputs,
        }

    @staticmethod
    def _reorder_cache(past: Any, beam_idx: Tensor) -> Any:
        return past

    def may_step_inside(self) -> bool:
        """Tell whether steps of generation may call the network: not where the models are looked at."""
        return is_untouched(self) and is_untouched(self.decoder) and is_untouched(self.decoder.base_model)

    def _pair_steps(self, capacity: int, encoded: Tensor, mask: Tensor | None, use_cache: bool) -> StackSteps:
        inputs = {"encoder_hidden_states": encoded, "encoder_attention_mask": mask}
        return StackSteps(self.decoder, capacity, None, use_cache, inputs)

    def tie_weights(self) -> None:
        """Do nothing: the parts tie their own weights."""

    def init_weights(self) -> None:
        """Give all weights of both parts new values."""
        self.encoder.init_weights()
        self.decoder.init_weights()

    def resize_token_embeddings(self, new_num_tokens: int | None = None) -> nn.Module:
        """Say which part to call: encoder and decoder have a vocabulary each.

        Args:
            new_num_tokens: number of rows; None changes nothing.

        Returns:
            The encoder's token embeddings, for None.

        Raises:
            NotImplementedError: there is a number.
        """
        if new_num_tokens is None:
            return self.get_input_embeddings()
        raise NotImplementedError(
            "encoder and decoder have a vocabulary each: call model.encoder.resize_token_embeddings"
            f"({new_num_tokens}), model.decoder.resize_token_embeddings({new_num_tokens}), or both"
        )

    def prune_heads(self, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
        """Say which part to call: encoder and decoder have layers each.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"encoder and decoder have layers each: call model.encoder.prune_heads({dict(heads_to_prune)}) or "
            "model.decoder.prune_heads"
        )

    def get_encoder(self) -> nn.Module:
        """Return the encoder."""
        return self.encoder

    def get_decoder(self) -> nn.Module:
        """Return the decoder."""
        return self.decoder

    def get_input_embeddings(self) -> nn.Module:
        """Return the encoder's token embeddings."""
        return self.encoder.get_input_embeddings()

    def get_output_embeddings(self) -> nn.Module | None:
        """Return the decoder's linear layer that scores the vocabulary."""
        return self.decoder.get_output_embeddings()


def _starting(prefix: str, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments that start with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in kwargs.items() if name.startswith(prefix)}


def _class_for(config: PretrainedConfig, kind: str) -> Any:
    classes = families()[config.model_type].classes
    if kind not in classes:
        raise ValueError(f"{config.model_type} has no class of the kind {kind!r}; it has {', '.join(classes)}")
    return getattr(formers, classes[kind])


def _load(part: str, name: Any, kind: str, kwargs: dict[str, Any], *model_args: Any) -> PreTrainedModel:
    if name is None:
        raise ValueError(f"give {part}_pretrained_model_name_or_path, or a model as {part}_model")
    config = kwargs.pop("config", None)
    if config is None:
        hub, rest = split_hub_kwargs(kwargs)
        found, _ = PretrainedConfig.get_config_dict(name, **hub)
        model_type = found.get("model_type")
        if model_type not in families():
            raise ValueError(f"{name}: unknown model type {model_type!r}. Known model types: {', '.join(families())}")
        config, rest = families()[model_type].config.from_dict(found, return_unused_kwargs=True, **rest)
        kwargs = hub | rest
    if kind == "causal_lm" and not config.is_decoder:
        logger.info("%s becomes a decoder: its attention to the encoder has new weights", name)
        config.is_decoder = True
    return _class_for(config, kind).from_pretrained(name, *model_args, config=config, **kwargs)
