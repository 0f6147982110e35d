"""Inner layers by themselves, made from the same specs as whole models."""
from typing import Any, ClassVar

import keras

from formers.family import Family
from formers.network.call import Call
from formers.network.embeddings import embed
from formers.network.weights import embeddings_weights

from . import ops
from .main_layer import for_keras
from .parts import Parts, grow, stack_constants


class TFEmbeddingsLayer(keras.layers.Layer):
    """Base of the embeddings of families, as layers by themselves; the token embeddings also score the vocabulary.

    A family's states its `family`, and the `arguments` of a call in their documented order.

    Args:
        config: the model's configuration.
        **kwargs: passed to the Keras layer.
    """

    family: ClassVar[Family]
    arguments: ClassVar[tuple[str, ...]]

    def __init_subclass__(cls, family: Family, arguments: tuple[str, ...], **kwargs: Any):
        super().__init_subclass__(**kwargs)
        cls.family, cls.arguments = family, arguments
        keras.saving.register_keras_serializable(package=cls.__module__)(cls)

    def __init__(self, config: Any, **kwargs: Any):
        super().__init__(**kwargs)
        self.config = self.family.config.from_dict(config) if isinstance(config, dict) else config
        spec = self.family.architecture(self.config)
        stack = for_keras(spec.decoding)
        self.spec, self.constants = stack.embeddings, stack_constants(stack)
        grow(self, embeddings_weights(stack.embeddings, spec.init))
        self.built = True

    def call(self, inputs: Any, mode: str = "embedding", training: bool = False) -> Any:
        """Embed, or score all tokens.

        Args:
            inputs: ids, or a list or tuple of the documented arguments, with None for those that are not given; for
                `linear` hidden states, *shape* `[batch, seq, hidden]`.
            mode: `embedding` or `linear`.
            training: drop values.

        Returns:
            *Shape:* `[batch, seq, hidden]`, or for `linear` `[batch, seq, vocabulary]`.

        Raises:
            ValueError: the mode is another.
        """
        if mode != "embedding":
            return self.tokens(inputs, mode=mode)
        values = inputs if isinstance(inputs, list | tuple) else (inputs,)
        given = dict.fromkeys(self.arguments) | dict(zip(self.arguments, values, strict=False))
        own = ("input_ids", "inputs_embeds", "position_ids")
        further = {name: value for name, value in given.items() if name not in own}
        input_ids, inputs_embeds, position_ids = (given.get(name) for name in own)
        call = Call(input_ids, inputs_embeds, position_ids=position_ids, further=further)
        return embed(ops, Parts(self, training, self.constants, "embeddings."), self.spec, call, 0)

    def get_config(self) -> dict[str, Any]:
        """Return what the layer can be made from again."""
        return super().get_config() | {"config": self.config.to_dict()}
