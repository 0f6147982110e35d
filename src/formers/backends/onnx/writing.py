"""Writing the graph of a model: the network, called with symbols."""
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from formers.architecture import Head, SingleStack, Task
from formers.network import heads as network_heads
from formers.network import model as network
from formers.outputs import ModelOutput

from . import ops
from .graph import Graph, Shape, Symbol
from .parts import TOKENS, HeadParts, Parts, Stored

Declared = Mapping[str, tuple[np.dtype, Shape]]


@dataclass(frozen=True)
class Plan:
    """What is known of a model before a graph of it is written.

    Attributes:
        spec: its architecture.
        task: what it takes and gives.
        base_task: what its base model takes.
        head_specs: its heads; empty for a base model.
        base: the parts of the base model, by the network's names.
        heads: the parts of the heads, by their paths.
        constants: values that follow from the spec alone, by the network's names.
        pools: whether the pooler is computed.
    """

    spec: SingleStack
    task: Task
    base_task: Task
    head_specs: tuple[Head, ...]
    base: Mapping[str, Stored]
    heads: Mapping[str, Stored]
    constants: Mapping[str, np.ndarray]
    pools: bool

    @property
    def per_choice(self) -> bool:
        """Whether inputs have an axis of choices."""
        return any(head.per_choice for head in self.head_specs)


def write_graph(plan: Plan, declared: Declared, flags: Mapping[str, bool]) -> Graph:
    """Write the graph of a model.

    Args:
        plan: the model.
        declared: the inputs: name -> type and shape.
        flags: what is wanted besides, by the names of the documented arguments.

    Returns:
        The graph. Its outputs are named as those of the model; of a tuple, `hidden_states.0`, `hidden_states.1`, ...
    """
    graph = Graph()
    inputs: dict[str, Any] = dict.fromkeys(plan.task.inputs)
    inputs |= flags
    inputs |= {name: graph.input(name, dtype, shape) for name, (dtype, shape) in declared.items()}
    model = GraphModel(plan, graph)
    outputs = network.run_heads(model, inputs) if plan.head_specs else network.run_base(model, inputs)
    graph.outputs, graph.absent = dict(_named(outputs)), outputs.absent()
    return graph


def _named(outputs: ModelOutput) -> Iterator[tuple[str, Symbol]]:
    for name, value in outputs.items():
        if isinstance(value, tuple):
            yield from ((f"{name}.{index}", part) for index, part in enumerate(value))
        else:
            yield name, value


def gather(names: Iterable[str], values: Iterable[np.ndarray], absent: Iterable[str]) -> ModelOutput:
    """Put the outputs of a graph together again; see `write_graph`. Those that are absent read as None."""
    fields: dict[str, Any] = {}
    for name, value in zip(names, values, strict=True):
        field, dot, _ = name.partition(".")
        fields[field] = (*fields.get(field, ()), value) if dot else value
    return ModelOutput(**fields, **dict.fromkeys(absent))


class GraphModel:
    """A model as the network sees it.

    Args:
        plan: what it is.
        graph: where it computes.
    """

    ops: Any = ops

    def __init__(self, plan: Plan, graph: Graph):
        self.plan, self.graph = plan, graph
        self.spec, self.task, self.head_specs = plan.spec, plan.task, plan.head_specs

    @property
    def base_inputs(self) -> tuple[str, ...]:
        """Names of the arguments of the base model."""
        return self.plan.base_task.inputs

    def parts(self) -> Parts:
        """Return the parts of the base model."""
        return Parts(self.ops, self.graph, self.plan.base, self.plan.constants)

    def head_parts(self) -> HeadParts:
        """Return the parts of the heads."""
        return HeadParts(self.ops, self.graph, {**self.plan.heads, TOKENS: self.plan.base[TOKENS]})

    def call_base(self, inputs: dict[str, Any], first_only: bool) -> ModelOutput:
        """Run the base model."""
        return network.run_base(self, inputs, first_only)

    def pool(self, parts: Parts, hidden: Symbol) -> Symbol | None:
        """Compute the pooler's output, where there is one. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""
        pooler = self.spec.pooler
        if pooler is None or not self.plan.pools:
            return None
        return network_heads.pool(self.ops, parts.below("pooler"), pooler.activation, hidden)
