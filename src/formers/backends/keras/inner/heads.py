"""Heads and poolers."""
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

import keras

from formers.architecture import Pooler, Reads, Task
from formers.network import heads
from formers.network.weights import Weight, head_alone

from .. import ops
from ..parts import Group
from .base import TFInnerLayer


class TFPooler(TFInnerLayer):
    """A pooler. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""

    trains = False
    spec: Pooler

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        return heads.pool(ops, self.parts(training), self.spec.activation, *given.values())


class TFHeadLayer(TFInnerLayer):
    """Steps of a head. *Shape:* `[..., size]`.

    Attributes:
        alone: the path in a model of what it computes, and a task with its heads.
        reads: what part of its argument it reads.
    """

    trains = False
    alone: ClassVar[tuple[str, Task]]
    reads: ClassVar[Reads] = Reads.EVERY_TOKEN

    def describe(self) -> tuple[Any, Iterable[tuple[str, Weight]]]:
        """See `TFInnerLayer.describe`."""
        self.hub_path, task = self.alone
        return head_alone(self.family.architecture(self.config), task, self.config, self.hub_path)

    def hub_name(self, name: str) -> str:
        """See `TFInnerLayer.hub_name`."""
        return name

    def run(self, given: Mapping[str, Any], training: bool) -> Any:
        """See `TFInnerLayer.run`."""
        (x,) = given.values()
        return heads.run_steps(ops, self.parts(training), self.spec, heads.read(ops, self.reads, x, None, {}))


class TFTiedHead(TFHeadLayer):
    """Scores of the vocabulary by token embeddings. *Shape:* `[..., hidden]` to `[..., vocabulary]`.

    Args:
        config: the model's configuration, or its dict.
        input_embeddings: the embeddings; the scores are what they give for `mode="linear"`.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, config: Any, input_embeddings: keras.layers.Layer, **kwargs: Any):
        self.input_embeddings = input_embeddings
        super().__init__(config, **kwargs)

    def given_tokens(self) -> Any:
        """See `TFInnerLayer.given_tokens`."""
        given: Any = self.input_embeddings  # perhaps the node of a main layer that has them
        return given.tokens if isinstance(given, Group) else given
