"""What all containers are: modules with documented calls that compute a piece of the network."""
from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from torch import nn

from formers.architecture.names import Row
from formers.network.layer import Step
from formers.network.weights import Weight, model_specs, model_weights, within

from ..ops.layers import is_untouched
from ..tree import Parts, Table, Tree, grow, table_of


class Container(nn.Module):
    """A documented container of parts.

    A class states its `tree` (once for a family), and the network's name and the documented path of what it computes
    follow from the family's table of names: the first row with the class.

    Args:
        config: the model's configuration.
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
                cls.forward = _documented(cls)
            cls.documented_forward = cls.forward

    def __init__(self, config: Any):
        architecture = self.tree.architecture
        assert architecture is not None
        spec = architecture(config)
        name = self.row().part.replace("{i}", "0")
        specs = model_specs(spec)
        inner = {"": specs[name]} | dict(within(name, specs.items()))
        self.build(specs[name], within(name, model_weights(spec)), inner, config)

    def begin(self) -> None:
        """Be a module without parts."""
        super().__init__()
        self.config: Any = None

    @classmethod
    def row(cls, part: str | None = None) -> Row:
        """Return the class's row in the family's table of names, where it has several the first, or that of `part`."""
        rows = (row for row in cls.tree.names.rows if row.kind == cls.row_kind)
        return next(row for row in rows if part is None or row.part == part)

    @classmethod
    def bare(cls, tree: Tree, scope: str, path: str, spec: Any, config: Any) -> Any:
        """Make a container without parts, for a place in a tree."""
        container = cls.__new__(cls)
        container.begin()
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
            raise ValueError(
                f"a {type(self).__name__} cannot be made of {spec!r}: it lacks what the class is about"
            ) from error

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
        self.begin()
        row = self.row(part)
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
