"""`TFMainLayer`: a family's model without heads, as a Keras layer."""
from typing import Any, ClassVar

import keras

from formers.architecture import EncoderDecoder, Task
from formers.calling import documented_signature
from formers.outputs import ModelOutput

from .activations import get_activation
from .calling import documented_inputs, documented_names, resolved_flags
from .construction import dense, precision
from .pytree import register_output
from .stack import StackBlocks
from .weights import FamilyLike, Owner, name_variables

register_output()


class Pooler(keras.layers.Layer):
    """A dense layer with an activation on the first position. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""

    def __init__(self, hidden: int, activation: str, std: float):
        super().__init__(name="pooler")
        self.dense = dense(hidden, hidden, std, "dense")
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
                return self.run(inputs, training, **flags)

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
        architecture = self.family.architecture(config)
        if isinstance(architecture, EncoderDecoder):
            raise NotImplementedError("the Keras backend has no encoder-decoder models")
        std = architecture.init.std
        pooler = architecture.pooler
        with precision(kwargs.get("dtype")):
            self.build_stack(architecture.stack, std)
            self.pooler = None if pooler is None else Pooler(architecture.stack.hidden, pooler.activation, std)
        self.built = True
        name_variables(self, type(self).__name__, f"{self.family.prefix}.")

    def __call__(self, *args: Any, training: bool | None = None, **kwargs: Any) -> ModelOutput:
        """Run the layer on tensors given one by one, in a list, in a dict, or by name."""
        tensors, flags = documented_inputs(type(self).__name__, self.names, args, kwargs, self.task.renamed)
        return super().__call__(tensors, training=training, **flags)

    def run(self, inputs: dict[str, Any], training: bool, **flags: bool | None) -> ModelOutput:
        """Run the layer on tensors by name."""
        resolved = resolved_flags(self.config, flags)
        hidden, states, attentions = self.run_stack(**inputs, **resolved, training=training)
        pooled = self.pooler(hidden) if self.pooler is not None else None
        return ModelOutput(last_hidden_state=hidden, pooler_output=pooled, hidden_states=states, attentions=attentions)

    def get_input_embeddings(self) -> keras.layers.Layer:
        """The table of words."""
        return self.embeddings.tokens

    def set_input_embeddings(self, value: Any) -> None:
        """Give the table of words other values, or put another table in its place.

        Args:
            value: an array *of shape* `[words, size]`, or a layer that has one as its `weight`.
        """
        from .resizing import set_table

        set_table(self.embeddings.tokens, value)

    def get_config(self) -> dict[str, Any]:
        """What the layer can be made from again."""
        return super().get_config() | {"config": self.config.to_dict()}
