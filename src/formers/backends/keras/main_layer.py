"""`TFMainLayer`: a family's model without heads, as a Keras layer."""
from typing import Any, ClassVar

import keras

from formers.architecture import CacheFormat, Task
from formers.calling import documented_signature
from formers.outputs import ModelOutput

from .activations import get_activation
from .caches import Cache, read_cache, write_cache
from .calling import documented_inputs, documented_names, resolved_flags
from .construction import dense, precision
from .embeddings import TFSharedEmbeddings
from .pytree import register_output
from .stack import StackBlocks
from .weights import FamilyLike, Owner, name_variables

register_output()


class Pooler(keras.layers.Layer):
    """A dense layer with an activation on the first position. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""

    def __init__(self, hidden: int, activation: str, init: Any):
        super().__init__(name="pooler")
        self.dense = dense(hidden, hidden, init, "dense")
        self.activation = get_activation(activation)
        self.built = True

    def call(self, hidden: Any) -> Any:
        """Pool."""
        return self.activation(self.dense(hidden[:, 0]))


class TFMainLayer(StackBlocks, Owner):
    """Base of the families' main layers; a family sets `family` and `task`.

    A main layer takes its inputs as the models do, and is a layer of functional models and of classes of one's own.

    Args:
        config: the model's configuration, or its dict.
        **kwargs: passed to the Keras layer (`name`, `trainable`, `dtype`).
    """

    family: ClassVar[FamilyLike]
    task: ClassVar[Task]
    is_main = True

    def __init_subclass__(cls, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if "task" in cls.__dict__:
            cls.names = documented_names(cls.task)

            def call(self: Any, inputs: dict[str, Any], *, training: bool = False, **flags: Any) -> ModelOutput:
                resolved = resolved_flags(self.config, self.task, flags)
                return self.run({**dict.fromkeys(self.task.inputs), **inputs, **resolved}, training)

            signature = documented_signature(("inputs", *cls.names[1:], "training"), training=False)
            call.__signature__ = signature  # type: ignore[attr-defined]
            call.__doc__ = "Run the layer; the outputs are named as in the documentation of the base model."
            cls.call = call
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(self, config: Any, **kwargs: Any):
        super().__init__(**kwargs)
        if isinstance(config, dict):
            config = self.family.config.from_dict(config)
        self.config = config
        with precision(kwargs.get("dtype")):
            self.build_base(self.family.architecture(config))
        self.built = True
        name_variables(self, type(self).__name__, f"{self.family.prefix}." if self.family.prefix else "")

    def build_base(self, architecture: Any) -> None:
        """Create the blocks."""
        if any(layer.cross_attention is not None for layer in architecture.stack.layers):
            # The documented calls of these classes have no place for the states of an encoder.
            raise NotImplementedError(
                f"{type(self).__name__} has no cross-attention: load the model with PyTorch, or set is_decoder=False"
            )
        self.build_stack(architecture.stack, architecture.init)
        pooler = architecture.pooler
        self.pooler = None
        if pooler is not None:
            self.pooler = Pooler(architecture.stack.hidden, pooler.activation, architecture.init)

    def __call__(self, *args: Any, training: bool | None = None, **kwargs: Any) -> ModelOutput:
        """Run the layer on tensors given one by one, in a list, in a dict, or by name."""
        tensors, flags = documented_inputs(type(self).__name__, self.task, args, kwargs)
        return super().__call__(tensors, training=training, **flags)

    def run(self, inputs: dict[str, Any], training: bool = False) -> ModelOutput:
        """Run the layer.

        Args:
            inputs: all arguments by name, None for those that are not given; and perhaps `cache`, a `Cache` to use and
                add to.
            training: drop values.
        """
        inputs = dict(inputs)
        cache, form = self._open_cache(inputs)
        hidden, states, attentions = self.run_stack(**inputs, cache=cache, training=training)
        pooled = self.pooler(hidden) if self.pooler is not None else None
        past = None if cache is None or form is None else write_cache(form, cache)
        return ModelOutput(
            last_hidden_state=hidden,
            pooler_output=pooled,
            past_key_values=past,
            hidden_states=states,
            attentions=attentions,
        )

    def _open_cache(self, inputs: dict[str, Any]) -> tuple[Cache | None, CacheFormat | None]:
        """Take what concerns the cache from the arguments of a call.

        Returns:
            The cache to use, and the form in which the caller gets it back, or None.
        """
        cache = inputs.pop("cache", None)
        past = inputs.pop(self.task.cache, None) if self.task.cache is not None else None
        use_cache = inputs.pop("use_cache", None)
        if cache is not None:
            return cache, None
        decoder = self.decoding_stack()
        form = decoder.stack.cache
        if past is not None:
            cache = read_cache(form, past, len(decoder.layers))
        elif use_cache and form is not None:
            cache = Cache(len(decoder.layers))
        return cache, form if use_cache else None

    def decoding_stack(self) -> StackBlocks:
        """The stack that heads read, and whose keys and values a cache holds."""
        return self

    def looks_back_only(self) -> bool:
        """Whether this is a decoder alone, whose positions see none after them."""
        stack = getattr(self, "stack", None)
        return stack is not None and all(layer.attention.block.causal for layer in stack.layers)

    def check_lengths(self, inputs: dict[str, Any]) -> None:
        """Raise if an input is longer than the model knows positions.

        Args:
            inputs: tensors by name.
        """
        self.embeddings.check_length(length_of(inputs, "input_ids", "inputs_embeds"))

    def get_input_embeddings(self) -> TFSharedEmbeddings:
        """The table of words."""
        return self.embeddings.tokens

    def set_input_embeddings(self, value: Any) -> None:
        """Give the table of words other values, or put another table in its place.

        Args:
            value: an array *of shape* `[words, size]`, or a layer that has one as its `weight`.
        """
        from .resizing import set_table

        set_table(self.get_input_embeddings(), value)

    def get_config(self) -> dict[str, Any]:
        """What the layer can be made from again."""
        return super().get_config() | {"config": self.config.to_dict()}


def length_of(inputs: dict[str, Any], ids: str, embeds: str) -> int | None:
    """Length of the sequence in the first of two arguments that is there; None if it is not known."""
    if inputs.get(ids) is not None:
        return inputs[ids].shape[-1] if len(inputs[ids].shape) else None
    if inputs.get(embeds) is not None:
        return inputs[embeds].shape[-2] if len(inputs[embeds].shape) > 1 else None
    return None
