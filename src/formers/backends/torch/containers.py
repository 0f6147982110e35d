"""Containers of the documented module tree: modules that compute a piece of the network, and are called as documented.

A container is computed by the network's functions on its parts. Where nobody looks at it or changes it, it is computed
as it is. Where it has hooks, or is another module than the documented class (a subclass with a `forward` of its own, or
any module that a user put there), it is called with the documented arguments, and its documented result is read.
Each family says, for its classes, what these are: `read` and `write` for calls from outside, `arguments` and `parse`
for calls of what stands in a container's place.
"""
from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from formers.architecture import Embeddings, Head, Layer, Pooler, Stack, Sublayer
from formers.architecture.heads import Step as HeadStep
from formers.network import embeddings, flows, heads, stack
from formers.network.call import Call, LayerCall, StackOutput
from formers.network.context import Context
from formers.network.layer import Computed, Step, run_layer, run_steps
from formers.network.weights import FixedBias, Scorer, Weight

from . import ops
from .constants import embeddings_constants
from .leaves import make_leaf
from .ops.layers import is_untouched
from .tree import Parts, Table, Tree, find, grow, table_of


class Container(nn.Module):
    """A documented container of parts.

    A class states its `tree` (once for a family), and the network's name and the documented path of what it computes
    follow from the family's table of names: the first row with the class.
    """

    tree: ClassVar[Tree]
    first_step: ClassVar[Step | None] = None
    documented_forward: ClassVar[Any]
    row_kind: ClassVar[str]
    table: Table
    spec: Any

    def __init_subclass__(cls, tree: Tree | None = None, row: str | None = None, **kwargs: Any):
        super().__init_subclass__(**kwargs)
        if tree is not None:
            cls.tree = tree
        if hasattr(cls, "tree") and cls.__module__.startswith("formers."):
            cls.row_kind = row or cls.__name__
            cls.tree.classes[cls.row_kind] = cls
            if "forward" not in cls.__dict__:
                cls.forward = _documented(cls)  # type: ignore[method-assign]
            cls.documented_forward = cls.forward

    def __init__(self) -> None:
        super().__init__()
        self.config: Any = None

    @classmethod
    def bare(cls, tree: Tree, scope: str, path: str, spec: Any, config: Any) -> Any:
        """Make a container without parts, for a place in a tree."""
        container = cls.__new__(cls)
        Container.__init__(container)
        container.settle(tree, scope, path, spec, config)
        return container

    def settle(self, tree: Tree, scope: str, path: str, spec: Any, config: Any) -> None:
        """Take a place in a tree.

        Args:
            tree: the family's tree.
            scope, path: the network's name and the documented path of the place.
            spec: what is computed there.
            config: the model's configuration.

        Raises:
            ValueError: the spec is another than the class can have.
        """
        self.place = (tree, scope, path)
        self.table = table_of(*self.place)
        self.spec, self.config = spec, config
        try:
            self.settled()
        except (AttributeError, StopIteration) as error:
            raise ValueError(f"a {type(self).__name__} cannot be made of {spec!r}: it lacks what the class is about") from error

    def settled(self) -> None:
        """Set the attributes that documented instances have besides their parts."""

    def build(
        self,
        spec: Any,
        weights: Iterable[tuple[str, Weight]],
        specs: Mapping[str, object],
        config: Any,
        part: str | None = None,
        given: Mapping[str, nn.Module] | None = None,
    ) -> None:
        """Make the container by itself, with parts, as its documented constructor does.

        Args:
            spec: what it computes.
            weights: its parts.
            specs: what inner containers compute, by the network's names below its own.
            config: the model's configuration, or None.
            part: the network's name of its place, where the class has several; the first by default.
            given: parts that are there already, by the network's names below its own.
        """
        Container.__init__(self)
        rows = (row for row in self.tree.names.rows if row.kind == self.row_kind)
        row = next(row for row in rows if part is None or row.part == part)
        self.settle(self.tree, row.part, row.path, spec, config)
        grow(self, self.tree, weights, specs, row.part, row.path, given, config)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "table"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if "place" in state:  # containers of heads have none
            self.table = table_of(*self.place)

    @property
    def parts(self) -> Parts:
        """The parts, as they are in the tree now."""
        return Parts(self, self.table)

    @classmethod
    def entered(cls, module: Any) -> Any:
        """Return how what stands in the place of such a container is computed; None if nothing stands there."""
        return None if module is None else cls.entrance(cls, module)

    entrance: ClassVar[Any]

    # --- the documented call; each family's classes say what it is ----------------------------------------------------

    def compute(self, *args: Any) -> Any:
        """Compute what the container computes, for the network's arguments."""
        raise NotImplementedError

    def read(self, *args: Any, **kwargs: Any) -> Any:
        """Turn documented arguments into those of `compute`."""
        raise NotImplementedError

    def write(self, computed: Any, given: Any) -> Any:
        """Turn what `compute` gave for the arguments `given` into the documented result."""
        raise NotImplementedError

    @classmethod
    def arguments(cls, *args: Any) -> tuple[Any, ...] | Arguments:
        """Turn the arguments of `compute` into the documented ones: a tuple where all are passed by position."""
        raise NotImplementedError

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """Turn a documented result into what `compute` gives."""
        raise NotImplementedError


def is_plain(module: nn.Module) -> bool:
    """Tell whether a module is a documented container as the library made it, that nobody looks at or changes."""
    kind = type(module)
    return getattr(kind, "documented_forward", None) is kind.forward and is_untouched(module)


def _documented(cls: type[Container]) -> Any:
    """Return `forward` with the documented arguments of a class."""

    def forward(self: Any, *args: Any, **kwargs: Any) -> Any:
        given = self.read(*args, **kwargs)
        return self.write(self.compute(*given), given)

    forward.__signature__ = inspect.signature(cls.read)  # type: ignore[attr-defined]
    forward.__qualname__, forward.__module__ = f"{cls.__qualname__}.forward", cls.__module__
    forward.__doc__ = "Compute, with the documented arguments and result."
    return forward


class Arguments:
    """Arguments of a documented call, by position and by name."""

    __slots__ = ("args", "kwargs")

    def __init__(self, *args: Any, **kwargs: Any):
        self.args, self.kwargs = args, kwargs


class Entrance:
    """What stands in the place of a container, and how it is computed.

    Args:
        kind: class of the container.
        module: what stands there.
    """

    __slots__ = ("kind", "module")

    def __init__(self, kind: Any, module: Any):
        self.kind, self.module = kind, module

    def enter(self, *args: Any) -> Any:
        """Compute it for the network's arguments."""
        if is_plain(self.module):
            return self.module.compute(*args)
        return self.kind.parse(self.call(self.kind.arguments(*args)), *args)

    def call(self, given: Any) -> Any:
        """Call it with documented arguments."""
        if isinstance(given, Arguments):
            return self.module(*given.args, **given.kwargs)
        return self.module(*given)


# --- steps of a sublayer ----------------------------------------------------------------------------------------------


class StepsEntrance(Entrance):
    """Steps of a sublayer."""

    __slots__ = ()

    @property
    def last(self) -> int:
        """The last step."""
        return self.kind.last_step

    def run(self, spec: Sublayer, x: Tensor, y: Tensor, call: LayerCall) -> Computed:
        """Compute the steps."""
        return self.enter(x, y, call, spec)


class Steps(Container):
    """A container of steps of a sublayer, from `first_step` to `last_step`."""

    first_step: ClassVar[Step] = Step.BEFORE
    last_step: ClassVar[Step] = Step.AFTER
    entrance = StepsEntrance
    spec: Sublayer

    @classmethod
    def entered(cls, module: Any, training: bool | None = None) -> Any:
        """Return how what stands in the place of the container is called; None if its steps may be computed as they are.

        They may where it is as the library made it: then nobody sees the difference, and it takes less time.
        """
        if module is None or (is_plain(module) and module.training is training):
            return None
        return cls.entrance(cls, module)

    def compute(self, x: Any, y: Any, call: LayerCall, spec: Sublayer | None = None) -> Computed:
        """Compute the steps; see `network.layer.run_steps`.

        `spec` is that of the place; an attention of its own kind that stands there is computed by the container's, which
        knows what was pruned.
        """
        if spec is None or spec.name == self.spec.name:
            spec = self.spec
        return run_steps(ops, self.parts, spec, x, y, call, self.first_step, self.last_step)


class Update(Steps):
    """A container of steps that takes and gives one tensor. *Shape:* `[batch, seq, ...]`."""

    def read(self, hidden_states: Tensor) -> Any:
        """See `Container.read`."""
        return hidden_states, hidden_states, LayerCall()

    def write(self, computed: Computed, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed[1]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return (x if cls.first_step == Step.BEFORE else y,)

    @classmethod
    def parse(cls, result: Any, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> Computed:
        """See `Container.parse`."""
        return (result if cls.last_step >= Step.ADD else x), result, None


class Finish(Steps):
    """A container of the steps after the mixing: `(hidden_states, input_tensor)` to the new states."""

    first_step, last_step = Step.PROJECT, Step.AFTER

    def read(self, hidden_states: Tensor, input_tensor: Tensor) -> Any:
        """See `Container.read`."""
        return input_tensor, hidden_states, LayerCall()

    def write(self, computed: Computed, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed[0]

    @classmethod
    def arguments(cls, x: Tensor, y: Tensor, call: LayerCall, spec: Sublayer) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return y, x[:, :1] if call.first_only and y.shape[1] == 1 else x

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Computed:
        """See `Container.parse`."""
        return result, result, None


# --- layers, stacks ---------------------------------------------------------------------------------------------------


class LayerEntrance(Entrance):
    """A layer of a stack."""

    __slots__ = ("spec",)
    spec: Layer

    def as_layer(self, default: Layer) -> LayerEntrance:
        """Return the layer with its spec, `default` where the module says none."""
        spec = getattr(self.module, "spec", None)
        self.spec = spec if isinstance(spec, Layer) else default
        return self

    def is_untouched(self) -> bool:
        """Tell whether nobody looks at the layer or a container in it."""
        return all(is_plain(module) for module in self.module.modules() if isinstance(module, Container)) and is_plain(
            self.module
        )

    def run(self, x: Tensor, call: LayerCall) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Compute the layer."""
        return self.enter(x, call)


class LayerContainer(Container):
    """A layer."""

    entrance = LayerEntrance
    spec: Layer

    def compute(self, x: Any, call: LayerCall) -> Any:
        """Compute the layer; see `network.layer.run_layer`."""
        return run_layer(ops, self.parts, self.spec, x, call)


@dataclass
class GivenContext:
    """What the layers of a stack need besides the states, as a caller of all layers gives it.

    Attributes:
        call: what each layer is called with.
        head_masks: a head mask for each layer, or None.
    """

    call: LayerCall
    head_masks: Any = None

    def of_layer(self, spec: Layer, index: int) -> LayerCall:
        """Return what a layer needs besides the states."""
        return replace(self.call, head_mask=None if self.head_masks is None else self.head_masks[index])


class LayersEntrance(Entrance):
    """All layers of a stack."""

    __slots__ = ()

    def flow(self, spec: Stack, x: Tensor, call: Call, context: Context) -> StackOutput:
        """Run the layers."""
        return self.enter(spec, x, call, context)


class LayersContainer(Container):
    """The layers of a stack, without embeddings."""

    entrance = LayersEntrance
    spec: Stack

    def compute(self, spec: Stack, x: Any, call: Call, context: Context) -> StackOutput:
        """Run the layers; see `network.flows`."""
        return flows.run_flow(ops, self.parts, self.spec, x, call, context)


def with_last_state(output: StackOutput) -> tuple[Any, ...]:
    """Return the documented result of all layers: the last states, all states with these, and weights, if asked for."""
    states = None if output.states is None else (*output.states, output.hidden)
    return tuple(value for value in (output.hidden, states, output.weights) if value is not None)


def documented_head_masks(context: Context) -> Any:
    """Return the documented head masks of all layers: one tensor, or a list of None where none was given.

    *Shape:* `[layers, 1, heads, 1, 1]`; a list also where layers differ.
    """
    masks = list(context.head_masks)
    if not masks:
        return [None] * context.parts.layer_count(context.stack)
    alike = all(isinstance(mask, Tensor) and mask.shape == masks[0].shape for mask in masks)
    return torch.stack(masks) if alike else masks


def from_documented_stack(result: Any, call: Call) -> StackOutput:
    """Read the documented result of all layers."""
    rest = [*result[1:]]
    states = tuple(rest.pop(0))[:-1] if call.want_states else None
    return StackOutput(result[0], states, tuple(rest.pop(0)) if call.want_weights else None)


class StackEntrance(Entrance):
    """A stack of a larger model."""

    __slots__ = ()

    def run(self, call: Call) -> StackOutput:
        """Run the stack."""
        return self.enter(call)


class StackContainer(Container):
    """A stack of a larger model, with its embeddings."""

    entrance = StackEntrance
    spec: Stack
    constants: Mapping[str, Any] = {}

    @property
    def parts(self) -> Parts:
        """The parts, as they are in the tree now."""
        return Parts(self, self.table, self.constants)

    def compute(self, call: Call, context: Any = Context) -> StackOutput:
        """Run the stack; see `network.stack`."""
        return self.run_as(self.spec, call, context)

    def run_as(self, spec: Stack, call: Call, context: Any) -> StackOutput:
        """Run the stack as another spec says."""
        return stack.run_stack(ops, self.parts, spec, call, context)

    def get_input_embeddings(self) -> nn.Module:
        """Return the token embeddings."""
        return self.parts.below("embeddings")("tokens")

    def set_input_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace the token embeddings."""
        *way, leaf = self.parts.below("embeddings").table.paths["tokens"]
        setattr(find(self, tuple(way)), leaf, new_embeddings)


class EmbeddingsEntrance(Entrance):
    """The embeddings of a stack."""

    __slots__ = ()

    def embed(self, call: Call, start: Any) -> Tensor:
        """Embed."""
        return self.enter(call, start)


class EmbeddingsContainer(Container):
    """The embeddings of a stack."""

    entrance = EmbeddingsEntrance
    spec: Embeddings
    constants: Mapping[str, Any] = {}

    def settle(self, tree: Tree, scope: str, path: str, spec: Any, config: Any) -> None:
        """See `Container.settle`."""
        super().settle(tree, scope, path, spec, config)
        self.constants = embeddings_constants(spec)

    @property
    def parts(self) -> Parts:
        """The parts, as they are in the tree now."""
        return Parts(self, self.table, self.constants)

    def compute(self, call: Call, start: Any) -> Tensor:
        """Embed; see `network.embeddings`."""
        return embeddings.embed(ops, self.parts, self.spec, call, start)

    def write(self, computed: Tensor, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result


# --- heads and pooler -------------------------------------------------------------------------------------------------


class PoolerEntrance(Entrance):
    """A pooler."""

    __slots__ = ()


class PoolerContainer(Container):
    """A pooler. *Shape:* `[batch, seq, hidden]` to `[batch, hidden]`."""

    entrance = PoolerEntrance
    spec: Pooler

    def compute(self, hidden_states: Tensor) -> Tensor:
        """Pool; see `network.heads.pool`."""
        return heads.pool(ops, self.parts, self.spec.activation, hidden_states)

    def read(self, hidden_states: Tensor) -> Any:
        """See `Container.read`."""
        return (hidden_states,)

    def write(self, computed: Tensor, given: Any) -> Tensor:
        """See `Container.write`."""
        return computed

    @classmethod
    def arguments(cls, hidden_states: Tensor) -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return (hidden_states,)

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result


class HeadEntrance(Entrance):
    """Steps of a head."""

    __slots__ = ("path",)
    path: str

    def at(self, path: str) -> HeadEntrance:
        """Return it with its path below the model."""
        self.path = path
        return self

    def count(self, steps: Sequence[HeadStep]) -> int:
        """Return how many of the first steps are the container's."""
        count = 0
        for step in steps:
            path = getattr(step, "path", None)
            if path is not None and not path.startswith(self.path + "."):
                break
            count += 1
        return count

    def run(self, steps: Sequence[HeadStep], x: Tensor) -> Tensor:
        """Compute the steps."""
        return self.enter(x, steps, self.path)


class ReadingEntrance(HeadEntrance):
    """A head that reads the states by itself."""

    __slots__ = ()

    def run(self, head: Head, hidden: Tensor, inputs: Mapping[str, Any]) -> Tensor:
        """Compute the head.

        Raises:
            ValueError: the documented class reads something else.
        """
        documented = getattr(self.module, "documented_reads", None)
        if documented is not None and head.reads != documented:
            raise ValueError(f"{self.path} is a {type(self.module).__name__}, which reads {documented}; the spec says {head.reads}")
        return self.enter(hidden, head.steps, self.path)


class HeadContainer(Container):
    """Steps of a head. *Shape:* `[..., size]`.

    Attributes:
        inner: name of a child -> class of the container that is documented there.
        reads: it reads the states by itself.
        documented_reads: what it reads then.
        joint: it computes all heads of the model at once.
    """

    entrance = HeadEntrance
    reads: ClassVar[bool] = False
    documented_reads: Any = None
    joint: ClassVar[bool] = False
    spec: tuple[HeadStep, ...]
    head_path: str = ""
    inner: Mapping[str, type[HeadContainer]] = {}

    def compute(self, x: Any, steps: Sequence[HeadStep] | None = None, path: str = "") -> Any:
        """Compute the steps; see `network.heads.run_steps`."""
        if steps is None:
            steps, path = self.spec, self.head_path
        return heads.run_steps(ops, HeadParts(self, path), steps, x)

    def read(self, hidden_states: Tensor) -> Any:
        """See `Container.read`."""
        return (hidden_states,)

    def write(self, computed: Tensor, given: Any) -> Any:
        """See `Container.write`."""
        return computed

    @classmethod
    def arguments(cls, x: Any, steps: Any = None, path: str = "") -> tuple[Any, ...]:
        """See `Container.arguments`."""
        return (x,)

    @classmethod
    def parse(cls, result: Any, *args: Any) -> Any:
        """See `Container.parse`."""
        return result

    def build_head(self, steps: Sequence[HeadStep], weights: Iterable[tuple[str, Weight]], rows: Any, path: str) -> None:
        """Make the container by itself, with parts, as its documented constructor does.

        Args:
            steps: what it computes.
            weights: its parts, by the paths of the steps.
            rows: documented containers and order of the parts (see `NameTable.head_rows`).
            path: its own path in these.
        """
        Container.__init__(self)
        self.spec, self.head_path = tuple(steps), path
        kinds = {row.path: row.kind for row in rows}
        grow_heads(self, self.tree, list(weights), tuple(steps), kinds, path)


class JointEntrance(HeadEntrance):
    """All heads of a model."""

    __slots__ = ()

    def run_all(self, specs: Sequence[Head], hidden: Tensor, pooled: Tensor) -> Sequence[Tensor]:
        """Compute all heads."""
        return self.module(hidden, pooled)


class HeadParts:
    """The parts of heads below a module, found in the tree by the paths of their steps.

    Args:
        root: a model, or a container of heads.
        path: the path of the root in the model.
        token_embeddings: the token embeddings, for heads that score with them.
    """

    __slots__ = ("prefix", "root", "token_embeddings")

    def __init__(self, root: Any, path: str = "", token_embeddings: Any = None):
        self.root, self.prefix, self.token_embeddings = root, f"{path}." if path else "", token_embeddings

    @property
    def training(self) -> bool:
        """Whether the root is trained."""
        return self.root.training

    def __call__(self, path: str) -> Any:
        """Return the part at a path."""
        return find(self.root, tuple(path.removeprefix(self.prefix).split(".")))

    def _child(self, path: str) -> tuple[str, type[HeadContainer] | None]:
        name = path.removeprefix(self.prefix).partition(".")[0]
        return name, self.root.inner.get(name)

    def container_of(self, step: HeadStep) -> HeadEntrance | None:
        """Return the container of a step, or None."""
        path = getattr(step, "path", None)
        if path is None or not self.root.inner:
            return None
        name, kind = self._child(path)
        return None if kind is None else kind.entered(self.root._modules[name]).at(self.prefix + name)

    def reading_container(self, head: Head) -> HeadEntrance | None:
        """Return the container that reads the states of a head by itself, or None."""
        if not self.root.inner:
            return None
        path = next((step.path for step in head.steps if getattr(step, "path", None) is not None), None)
        if path is None:
            return None
        name, kind = self._child(path)
        if kind is None or not kind.reads:
            return None
        return kind.entered(self.root._modules[name]).at(self.prefix + name)

    def joint_container(self, specs: Sequence[Head]) -> Any:
        """Return the container that computes all heads at once, where it is not as the library made it."""
        for name, kind in self.root.inner.items():
            if kind.joint and not is_plain(self.root._modules[name]):
                return kind.entered(self.root._modules[name])
        return None


def grow_heads(
    root: Any,
    tree: Tree,
    weights: Sequence[tuple[str, Weight]],
    steps: Sequence[HeadStep],
    kinds: Mapping[str, str],
    path: str = "",
) -> None:
    """Register the parts of heads below a module, with their containers.

    Args:
        root: a model, or a container of heads.
        tree: the family's tree.
        weights: path of a part in the model -> what it is.
        steps: the heads' steps.
        kinds: path -> class of the container or leaf there; parts register in this order, then those without an entry.
        path: the path of the root in the model.
    """
    prefix = f"{path}." if path else ""
    order = {place: index for index, place in enumerate(kinds)}
    below = [name for name, _ in weights if name.startswith(prefix)]
    children = list(dict.fromkeys(name[len(prefix) :].partition(".")[0] for name in below))
    children.sort(key=lambda child: order.get(prefix + child, len(order)))
    known = dict(weights)
    inner: dict[str, type[HeadContainer]] = {}
    for child in children:
        place = prefix + child
        kind = tree.container(kinds.get(place, ""))
        if place in known:
            leaf = make_leaf(known[place], kinds.get(place, ""))
            if isinstance(known[place], FixedBias):
                root.register_buffer(child, leaf)
            else:
                setattr(root, child, leaf)
            continue
        if kind is not None and issubclass(kind, HeadContainer):
            inner[child] = kind
            container = kind.__new__(kind)
            Container.__init__(container)
            container.head_path, container.config = place, getattr(root, "config", None)
            container.spec = tuple(step for step in steps if str(getattr(step, "path", "")).startswith(place + "."))
            container.settled()
        else:
            container = nn.Module()
        setattr(root, child, container)
        grow_heads(container, tree, weights, steps, kinds, place)
    for name, weight in weights:
        if isinstance(weight, Scorer) and weight.shared_bias is not None:
            owner, _, leaf = weight.shared_bias.rpartition(".")
            if owner == path:  # the parameter stands here, and the layer below shares it
                scorer = find(root, tuple(name.removeprefix(prefix).split(".")))
                setattr(root, leaf, scorer.bias)
    if inner:
        root.inner = inner
