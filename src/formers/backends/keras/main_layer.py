"""`TFMainLayer`: a family's model without heads, as a Keras layer."""
import logging
from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import replace
from typing import Any, ClassVar

import keras

from formers.architecture import Architecture, EncoderDecoder, SingleStack, Stack, Task
from formers.calling import documented_signature
from formers.family import Family
from formers.network import model as network
from formers.network.weights import pooler_weights, stack_weights, std_of
from formers.outputs import ModelOutput

from .calling import documented_inputs, documented_names, is_symbolic
from .construction import freeze_layers, freeze_parts, frozen_layers, precision
from .embeddings import TFSharedEmbeddings
from .ops import symbolic
from .parts import Parts, grow, stack_constants
from .pytree import register_output
from .resizing import set_token_embeddings
from .running import Running
from .weights import Owner, name_variables

logger = logging.getLogger(__name__)

register_output()


def documented_call(task: Task, run: Callable[..., ModelOutput], what: str) -> Callable[..., ModelOutput]:
    """Return the `call` of a class with a task: it has the documented arguments, and `run` gets tensors and flags."""

    def call(self: Any, inputs: dict[str, Any], *, training: bool = False, **flags: Any) -> ModelOutput:
        return run(self, inputs, training, flags)

    signature = documented_signature(("inputs", *documented_names(task)[1:], "training"), training=False)
    call.__signature__ = signature  # type: ignore[attr-defined]
    call.__doc__ = f"Run the {what}; the outputs are named as in the documentation of the class."
    return call


class TFMainLayer(keras.layers.Layer, Owner):
    """Base of all main layers; a family's states its `family`, as `class TFBertMainLayer(TFMainLayer, family=FAMILY)`.

    A main layer takes its inputs as the models do, and is a layer of functional models and of custom classes.

    Args:
        config: the model's configuration, or its dict.
        **kwargs: passed to the Keras layer (`name`, `trainable`, `dtype`).
    """

    config_class: ClassVar[Any] = None
    task: ClassVar[Task]
    is_main = True
    _keras_serializable = True
    spec: Architecture

    def __init_subclass__(cls, family: Family | None = None, task: Task | None = None, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if family is not None:
            cls.family, cls.config_class = family, family.config
            base = next((public.keras for public in family.public if public.task.heads is None), None)
            task = base if task is None else task
        if task is not None:
            cls.task = task
            cls.call = documented_call(task, TFMainLayer._run, "layer")
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(self, config: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.config = self.family.config.from_dict(config) if isinstance(config, dict) else config
        with precision(kwargs.get("dtype")):
            self.build_base(self.family.architecture(self.config))
        self.built = True
        freeze_parts(self)
        name_variables(self, type(self).__name__, f"{self.family.prefix}." if self.family.prefix else "")

    def build_base(self, spec: Any) -> None:
        """Make the parts of the architecture."""
        if spec.stack.attends_to_encoder:
            # The documented calls of these classes have no place for the states of an encoder.
            raise NotImplementedError(
                f"{type(self).__name__} has no cross-attention: load the model with PyTorch, or set is_decoder=False"
            )
        self.build_stack(spec)

    def build_stack(self, spec: SingleStack, tokens: TFSharedEmbeddings | None = None) -> None:
        """Make the parts of a stack, around token embeddings if there are some already."""
        if spec.stack.checkpointing:
            logger.warning("gradient_checkpointing has no effect on Keras models: training needs its full memory")
        self.spec = replace(spec, stack=for_keras(spec.stack))
        self.constants = stack_constants(spec.stack)
        weights = [*stack_weights(spec.stack, spec.init)]
        if spec.pooler is not None:
            pooler = pooler_weights(spec.pooler, spec.stack.hidden, spec.init)
            weights += [(f"pooler.{name}", weight) for name, weight in pooler]
        grow(self, weights, tokens)

    def __call__(self, *args: Any, training: bool | None = None, **kwargs: Any) -> ModelOutput:
        """Run the layer on tensors given one by one, in a list, in a dict, or by name."""
        tensors, flags = documented_inputs(type(self).__name__, self.task, args, kwargs)
        with symbolic(is_symbolic(tensors)):
            return super().__call__(tensors, training=training, **flags)

    def _run(self, inputs: Mapping[str, Any], training: bool, flags: Mapping[str, Any]) -> ModelOutput:
        return Running(self, training).run(inputs, flags)

    def run(self, inputs: dict[str, Any], training: bool = False, first_only: bool = False) -> ModelOutput:
        """Run the layer.

        Args:
            inputs: all arguments by name, None for those that are not given; and perhaps `cache`, a `Cache` to use and
                add to.
            training: drop values.
            first_only: only the first position of the result is looked at.
        """
        return network.run_base(Running(self, training), dict(inputs), first_only)

    def parts(self, training: bool) -> Parts:
        """Return the parts of the stack."""
        return Parts(self, training, self.constants)

    def get_input_embeddings(self) -> TFSharedEmbeddings:
        """Return the token embeddings."""
        return self.embeddings.tokens

    def set_input_embeddings(self, value: Any) -> None:
        """Give the token embeddings other values.

        Args:
            value: an array *of shape* `[tokens, size]`, or a layer that has one as its `weight`.
        """
        set_token_embeddings(self.get_input_embeddings(), value)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer can be made from again."""
        frozen = frozen_layers(self)
        own = super().get_config() | {"config": self.config.to_dict()}
        return own | {"frozen": frozen} if frozen else own

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Make a layer from `get_config`."""
        layer = super().from_config({key: value for key, value in config.items() if key != "frozen"})
        freeze_layers(layer, config.get("frozen", ()))
        return layer


STACK = Task(
    (
        "input_ids", "attention_mask", "encoder_hidden_states", "encoder_attention_mask", "inputs_embeds", "head_mask",
        "past_key_value_states", "use_cache", "output_attentions", "output_hidden_states",
    ),
    cache="past_key_value_states",
    caching=False,
)  # fmt: skip
"""What the encoder and the decoder of a larger model take."""


class TFStackLayer(TFMainLayer):
    """The encoder or the decoder of a family with both, as a Keras layer.

    Args:
        config: the model's configuration; with `is_decoder` it is the decoder.
        embed_tokens: token embeddings to share; new ones by default.
        **kwargs: passed to the Keras layer.
    """

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**{"task": STACK, **kwargs})

    def __init__(self, config: Any, embed_tokens: TFSharedEmbeddings | None = None, **kwargs: Any):
        if embed_tokens is not None and not embed_tokens.built:
            embed_tokens.build()
        self._given = embed_tokens
        super().__init__(config, **kwargs)

    def build_base(self, spec: EncoderDecoder) -> None:
        """Make the parts of the encoder, or the decoder."""
        self.scope = "decoder." if self.config.is_decoder else "encoder."
        self.build_stack(SingleStack(spec.decoder if self.config.is_decoder else spec.encoder, spec.init), self._given)

    @property
    def embed_tokens(self) -> TFSharedEmbeddings:
        """The token embeddings."""
        return self.get_input_embeddings()


class TFPairLayer(TFMainLayer):
    """Base of the main layers with an encoder and a decoder; a family's states the class of these as `stack_class`."""

    stack_class: ClassVar[type[TFStackLayer]]
    shared: TFSharedEmbeddings
    encoder: TFStackLayer
    decoder: TFStackLayer

    def build_base(self, spec: EncoderDecoder) -> None:
        """Make the encoder and the decoder around token embeddings."""
        self.spec = replace(spec, encoder=for_keras(spec.encoder), decoder=for_keras(spec.decoder))
        tokens = spec.encoder.embeddings.tokens
        self.shared = TFSharedEmbeddings(tokens.vocabulary, tokens.size, std_of(spec.init), name="shared")
        self.shared.build()
        for name in ("encoder", "decoder"):
            config = copy(self.config)
            config.is_decoder = name == "decoder"
            setattr(self, name, self.stack_class(config, self.shared, name=name))

    def get_input_embeddings(self) -> TFSharedEmbeddings:
        """Return the token embeddings."""
        return self.shared


def for_keras(stack: Stack) -> Stack:
    """Return a stack as documented for the Keras classes: `inputs_embeds` stand for the tokens' vectors."""
    return replace(stack, embeddings=replace(stack.embeddings, inputs_embeds_replace="tokens"))
