"""Embeddings."""
from collections.abc import Iterable
from typing import Any

from formers.family import Family
from formers.network.call import Call
from formers.network.embeddings import embed
from formers.network.weights import Weight, embeddings_weights

from .. import ops
from ..main_layer import for_keras
from ..parts import Parts, stack_constants
from .base import TFInnerLayer


class TFEmbeddingsLayer(TFInnerLayer):
    """Base of the embeddings of families, as layers by themselves; the token embeddings also score the vocabulary."""

    def __init_subclass__(cls, family: Family | None = None, arguments: tuple[str, ...] | None = None, **kwargs: Any):
        super().__init_subclass__(family, **kwargs)
        if arguments is not None:
            cls.arguments = arguments

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        whole = self.family.architecture(self.config)
        stack = for_keras(whole.decoding)
        self.constants = stack_constants(stack)
        return stack.embeddings, embeddings_weights(stack.embeddings, whole.init)

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
