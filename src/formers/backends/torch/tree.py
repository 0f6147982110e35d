"""The documented module tree: where it has the parts of a model, and how it grows.

`NameTable` says which path each part has. A `Tree` joins it with the classes of the containers on the way. Parts are
looked up in the tree whenever they are needed, so that what a user puts there counts.
"""
from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from torch import nn

from formers.architecture import Architecture, Stack, Sublayer
from formers.architecture.names import NameTable
from formers.network.weights import Activation, CrossEntropy, Dropout, Weight

from .leaves import POSITIONAL, InPlaceOfPositional, Positional, make_leaf

Path = tuple[str, ...]
Container = Any
"""A class of containers; these are above the tree, which knows them by what they say."""


class Tree:
    """The module tree of a family.

    Args:
        module: the module that has the tree as `TREE`, so that pickled models find it.
        names: its parts and their paths.
        architecture: configuration -> architecture.
        parent: the tree of a family whose containers this one has too.
    """

    def __init__(
        self,
        module: str,
        names: NameTable,
        architecture: Callable[[Any], Architecture] | None = None,
        parent: Tree | None = None,
    ):
        self.module, self.names, self.architecture = module, names, architecture
        self.classes: dict[str, Container] = dict(parent.classes) if parent is not None else {}
        self.tables: dict[tuple[str, str], Table] = {}

    @property
    def root(self) -> Table:
        """Where the parts of a base model are."""
        return table_of(self, "", "")

    def __reduce__(self) -> tuple[Any, ...]:
        # Pickled and copied models share it.
        return _tree, (self.module,)

    def container(self, kind: str) -> Container | None:
        """Return the class of containers of a name; None for leaves."""
        return self.classes.get(kind)


def _tree(module: str) -> Tree:
    return import_module(module).TREE


@dataclass(frozen=True)
class Found:
    """A container as a table knows it: its path below the root of the table, and its class."""

    path: Path
    kind: Container


@dataclass
class Table:
    """Where the parts of a scope (a model, a stack, a layer, a sublayer) are below a root module.

    Attributes:
        paths: name of a part -> its path.
        scopes: name of an inner scope -> its table, with the same root.
        whole: the container of all of the scope, if it is not the root.
        steps: first step of containers of steps of a sublayer -> the containers, the outermost first.
        positional: names of the parts that are documented as embeddings of the positions of ids.
    """

    paths: dict[str, Path] = field(default_factory=dict)
    scopes: dict[str, Table] = field(default_factory=dict)
    whole: Found | None = None
    steps: dict[int, list[Found]] = field(default_factory=dict)
    positional: set[str] = field(default_factory=set)

    def scope(self, name: str) -> Table:
        """Return the table of an inner scope, which may have no part."""
        found = self
        for part in name.split("."):
            inner = found.scopes.get(part)
            if inner is None:
                return _NOTHING
            found = inner
        return found


_NOTHING = Table()


def table_of(tree: Tree, scope: str, root: str) -> Table:
    """Return the table of a scope, which is made once.

    Args:
        tree: the family's tree.
        scope: the network's name of what is below the root: `layers.{i}.attention`; empty for a model.
        root: the documented path of the root, with `{i}` for indices.
    """
    # No `lru_cache`: PyTorch's compiler does not look into it.
    table = tree.tables.get((scope, root))
    if table is None:
        table = tree.tables[scope, root] = _make_table(tree, scope, root)
    return table


def _make_table(tree: Tree, scope: str, root: str) -> Table:
    table = Table()
    for row in tree.names.rows:
        inner, path = _below(row.part, scope), _below(row.path, root)
        if inner is None or path is None:
            continue
        words = inner.split(".") if inner else []
        steps = tuple(path.split(".")) if path else ()
        container = tree.container(row.kind)
        if container is None:
            owner = table
            for word in words[:-1]:
                owner = owner.scopes.setdefault(word, Table())
            owner.paths[words[-1]] = steps
            if row.kind in POSITIONAL:
                owner.positional.add(words[-1])
            continue
        if not steps:
            continue  # the root itself
        owner = table
        for word in words:
            owner = owner.scopes.setdefault(word, Table())
        first = container.first_step
        if first is None:
            owner.whole = Found(steps, container)
        else:
            owner.steps.setdefault(int(first), []).append(Found(steps, container))
    return table


def _below(name: str, prefix: str) -> str | None:
    if not prefix or name == prefix:
        return name if not prefix else ""
    return name[len(prefix) + 1 :] if name.startswith(prefix + ".") else None


def find(root: nn.Module, path: Path) -> Any:
    """Return what is at a path below a module: a module, or an attribute at its end; None if nothing is."""
    at: Any = root
    for name in path:
        inner = at._modules.get(name)
        if inner is None:
            inner = at.__dict__.get(name)
            if inner is None:
                inner = at._parameters.get(name)
                if inner is None:
                    return at._buffers.get(name)
        at = inner
    return at


def grow(
    root: nn.Module,
    tree: Tree,
    weights: Iterable[tuple[str, Weight]],
    specs: Mapping[str, object],
    scope: str = "",
    path: str = "",
    given: Mapping[str, nn.Module] | None = None,
    config: Any = None,
) -> None:
    """Register the parts of a scope, with their containers, below a module.

    Args:
        root: the module.
        tree: the family's tree.
        weights: the parts, by their names below the scope.
        specs: name below the scope -> what a container there computes.
        scope: the network's name of the scope, with `{i}` for indices.
        path: the documented path of the root, likewise.
        given: parts that are there already (shared token embeddings).
        config: the configuration, which containers carry.

    Raises:
        ValueError: the table of names has no row for a part that has weights, or one path for two parts that differ.
    """
    wanted = dict(weights)
    _check_rows(tree, wanted, scope)
    placed: dict[str, str] = {}
    indices, owners = _indices(wanted), _owners(wanted)
    for row in tree.names.rows:
        part, place = _below(row.part, scope), _below(row.path, path)
        if part is None or place is None or not place:
            continue
        container = tree.container(row.kind)
        for index in indices.get(part.partition("{")[0], ()) if "{i}" in part else (None,):
            name = part if index is None else part.replace("{i}", str(index))
            at = place if index is None else place.replace("{i}", str(index))
            if container is not None:
                if name in owners:
                    _register(root, at, container.bare(tree, row.part, row.path, specs.get(name), config))
            elif given is not None and name in given:
                _register(root, at, given[name])
            elif name in wanted:
                other = placed.setdefault(at, name)
                if wanted[other] != wanted[name]:
                    raise ValueError(
                        f"{other} and {name} are one module, {at}, and the spec has {wanted[other]} and "
                        f"{wanted[name]}: make them equal"
                    )
                _register(root, at, make_leaf(wanted[name], row.kind))
            elif row.kind == "Identity":  # what the specs lack, and a documented tree has nevertheless
                _register(root, at, nn.Identity())

def _check_rows(tree: Tree, weights: Mapping[str, Weight], scope: str) -> None:
    """Raise if a part has weights and no row."""
    prefix = f"{scope}.".replace("{i}", "0") if scope else ""
    for name, weight in weights.items():
        if not isinstance(weight, Activation | CrossEntropy | Dropout) and tree.names.hub_name(prefix + name) is None:
            raise ValueError(f"the names of parts in {tree.module} have no row for {name}, which the spec asks for")


def _owners(names: Iterable[str]) -> set[str]:
    """Return what the parts of these names belong to, at every level."""
    found: set[str] = set()
    for name in names:
        while name:
            name = name.rpartition(".")[0]
            found.add(name)
    return found


def _indices(names: Iterable[str]) -> dict[str, list[int]]:
    """Return the indices that stand after each prefix."""
    found: dict[str, dict[int, None]] = {}
    for name in names:
        words = name.split(".")
        for at, word in enumerate(words):
            if word.isdigit():
                found.setdefault("".join(f"{w}." for w in words[:at]), {})[int(word)] = None
    return {prefix: list(indices) for prefix, indices in found.items()}


def _register(root: nn.Module, path: str, value: Any) -> None:
    *way, leaf = path.split(".")
    at: Any = root
    for index, name in enumerate(way):
        inner = at._modules.get(name)
        if inner is None:
            following = [*way, leaf][index + 1]
            inner = nn.ModuleList() if following.isdigit() else nn.Module()
            at.add_module(name, inner)
        at = inner
    if isinstance(value, nn.Module):
        at.add_module(leaf, value)
    elif isinstance(at, nn.Sequential):
        raise ValueError(f"{path} is in a Sequential, which holds modules alone: the spec cannot have {value!r} there")
    else:
        setattr(at, leaf, value)


class Parts:
    """The parts of a scope, found in the tree when they are asked for.

    Args:
        root: the module below which they are.
        table: where.
        constants: values that are computed from the spec alone, by the network's names.
    """

    __slots__ = ("constants", "root", "table")

    def __init__(self, root: Any, table: Table, constants: Mapping[str, Any] | None = None):
        self.root, self.table, self.constants = root, table, constants

    def __call__(self, name: str) -> Any:
        """Return a part; None if the tree has none of the name."""
        path = self.table.paths.get(name)
        if path is None:
            return None
        part = find(self.root, path)
        if name in self.table.positional and part is not None and not isinstance(part, Positional):
            return InPlaceOfPositional(part, self.root.spec.embeddings.positions.first)
        return part

    def below(self, name: str) -> Parts:
        """Return the parts of an inner scope."""
        inner = None
        if self.constants:
            inner = {key[len(name) + 1 :]: value for key, value in self.constants.items() if key.startswith(name + ".")}
        return Parts(self.root, self.table.scope(name), inner)

    def constant(self, name: str) -> Any:
        """Return a value that is computed from the spec alone; None if there is none of the name."""
        return None if not self.constants else self.constants.get(name)

    def modules(self) -> Any:
        """Return the list of layers."""
        found = self.table.scope("layers.{i}").whole or self.table.scope("{i}").whole
        assert found is not None
        return find(self.root, found.path[:-1]), found.kind

    def layers(self, stack: Stack) -> list[Any]:
        """Return the layers of a stack in the order in which they compute, as they are in the tree now."""
        modules, kind = self.modules()
        found = [
            kind.entered(module).as_layer(stack.layers[min(index, len(stack.layers) - 1)])
            for index, module in enumerate(modules)
        ]
        return found if stack.schedule is None else [found[index] for index in stack.schedule]

    def layer_count(self, stack: Stack) -> int:
        """Return the number of layers that the tree has now; where others stand in their place, that of the spec."""
        modules = self.modules()[0]
        return len(stack.steps) if modules is None or stack.schedule is not None else len(modules)

    def checkpointing(self, stack: Stack) -> bool:
        """Tell whether layers are computed again in the backward pass; the configuration may say so later."""
        config = getattr(self.root, "config", None)
        return stack.checkpointing or bool(getattr(config, "gradient_checkpointing", False))

    @property
    def training(self) -> bool:
        """Whether the root is trained."""
        return self.root.training

    @property
    def whole(self) -> Any:
        """The container of all of the scope, or None."""
        found = self.table.whole
        return None if found is None else found.kind.entered(find(self.root, found.path))

    @property
    def containers(self) -> Mapping[int, Any]:
        """First steps of the containers of steps of a sublayer."""
        return self.table.steps

    def container(self, step: int, spec: Sublayer) -> Any:
        """Return the outermost container of steps that starts with `step` and must be called; None if there is none.

        A container as the library made it need not be called, unless it was made for another spec than that of its
        place.
        """
        for found in self.table.steps[step]:
            module = find(self.root, found.path)
            entrance = found.kind.entered(module, self.root.training)
            if entrance is None and module is not None and getattr(module, "spec", spec) is not spec:
                entrance = found.kind.entrance(found.kind, module)
            if entrance is not None:
                return entrance
        return None
