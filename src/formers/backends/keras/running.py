"""A model in one call, as the network sees it."""
from collections.abc import Mapping
from typing import Any

from formers.architecture import SingleStack
from formers.network import heads
from formers.network import model as network
from formers.network.call import Call, StackOutput
from formers.network.shapes import flatten, regroup
from formers.network.stack import run_stack
from formers.outputs import ModelOutput

from . import ops
from .calling import resolved_flags
from .parts import Parts


class Running:
    """A model in one call.

    Args:
        main: its main layer.
        training: whether values are dropped.
        model: the model with heads; None for the main layer alone.
    """

    ops = ops

    def __init__(self, main: Any, training: bool, model: Any = None):
        self.main, self.training, self.model = main, bool(training), model
        self.spec = main.spec
        self.task = (main if model is None else model).task
        self.head_specs = () if model is None else model.heads
        self.base_inputs = main.task.inputs

    def run(self, inputs: Mapping[str, Any], flags: Mapping[str, bool | None]) -> ModelOutput:
        """Run a documented call.

        Args:
            inputs: tensors by name.
            flags: flags by name; the configuration has those that are not given.
        """
        given = {**dict.fromkeys(self.task.inputs), **inputs, **resolved_flags(self.main.config, self.task, flags)}
        lead = flatten(ops, given) if self.task.any_shape else None
        outputs = network.run_heads(self, given, lead) if self.head_specs else self.main.run(given, self.training)
        return outputs if lead is None else regroup(ops, outputs, lead, self.task.flat_outputs)

    def parts(self) -> Parts:
        """Return the parts of the base model."""
        return self.main.parts(self.training)

    def head_parts(self) -> Parts:
        """Return the parts of the heads."""
        return Parts(self.model, self.training, token_embeddings=self.main.get_input_embeddings())

    def cache_layers(self) -> int:
        """Return the number of layers that a cache has."""
        return len(self.spec.decoding.steps)

    def pool(self, parts: Parts, hidden: Any) -> Any | None:
        """Compute the pooler's output, where there is one. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""
        pooler = self.spec.pooler if isinstance(self.spec, SingleStack) else None
        return None if pooler is None else heads.pool(ops, parts.below("pooler"), pooler.activation, hidden)

    def call_base(self, inputs: dict[str, Any], first_only: bool) -> ModelOutput:
        """Run the main layer of a model with heads."""
        return self.main.run(inputs, self.training, first_only)

    def run_encoder(self, call: Call) -> StackOutput:
        """Run the encoder."""
        return self._run_stack(self.main.encoder, call)

    def run_decoder(self, call: Call) -> StackOutput:
        """Run the decoder."""
        return self._run_stack(self.main.decoder, call)

    def _run_stack(self, stack: Any, call: Call) -> StackOutput:
        return run_stack(ops, stack.parts(self.training), stack.spec.stack, call)
