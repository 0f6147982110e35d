"""Containers of heads and poolers, and the parts of heads."""
from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar

from torch import Tensor, nn

from formers.architecture import Head, Pooler, Task
from formers.architecture.heads import Step as HeadStep
from formers.network import heads
from formers.network.weights import FixedBias, Scorer, Weight, head_alone

from .. import ops
from ..leaves import make_leaf
from ..tree import Tree, find
from .base import Container, Entrance, is_plain


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

    def run_head(self, head: Head, hidden: Tensor, inputs: Mapping[str, Any]) -> Tensor:
        """Compute the head.

        Raises:
            ValueError: the documented class reads something else.
        """
        documented = getattr(self.module, "documented_reads", None)
        if documented is not None and head.reads != documented:
            raise ValueError(
                f"{self.path} is a {type(self.module).__name__}, which reads {documented}; the spec says {head.reads}"
            )
        return self.enter(hidden, head.steps, self.path)


class HeadContainer(Container):
    """Steps of a head. *Shape:* `[..., size]`.

    Attributes:
        inner: name of a child -> class of the container that is documented there.
        reads: it reads the states by itself.
        documented_reads: what it reads then.
        joint: it computes all heads of the model at once.
        alone: its path, and a task with its heads, for one that is made by itself.
    """

    entrance = HeadEntrance
    alone: ClassVar[tuple[str, Task]]
    reads: ClassVar[bool] = False
    documented_reads: Any = None
    joint: ClassVar[bool] = False
    spec: tuple[HeadStep, ...]
    head_path: str = ""
    inner: Mapping[str, type[HeadContainer]] = {}

    def __init__(self, config: Any):
        path, task = self.alone
        assert self.tree.architecture is not None
        self.build_head(*head_alone(self.tree.architecture(config), task, config, path), path)

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

    def build_head(self, steps: Sequence[HeadStep], weights: Iterable[tuple[str, Weight]], path: str) -> None:
        """Make the container by itself, with parts, as its documented constructor does.

        Args:
            steps: what it computes.
            weights: its parts, by the paths of the steps.
            path: its own path in these.
        """
        self.begin()
        self.spec, self.head_path = tuple(steps), path
        kinds = {row.path: row.kind for row in self.tree.names.head_rows}
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
        path = next(filter(None, (getattr(step, "path", None) for step in head.steps)), None)
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
            container.begin()
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
