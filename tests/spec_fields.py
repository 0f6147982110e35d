"""Every field of a spec, and other values for it: what a test needs to show that each field is honoured or refused.

A spec is a tree of frozen dataclasses, with tuples between them. `walk` finds its fields, `changes` proposes other
values by their types, and `Change.applied` gives the spec with one of them:

    for change in changes(spec, strings={"activation": ["gelu", "relu"]}):
        try:
            output = run(build(change.applied(spec)))
        except (ValueError, NotImplementedError):
            continue  # refused
        assert differs(output, expected), change

Nothing here knows a spec by name: what is read are the dataclasses' fields and their annotations.
"""

import dataclasses
import enum
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Union

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Field:
    """One field of one dataclass of a spec.

    Attributes:
        path: where it is: names of fields, and positions in tuples.
        annotation: its declared type, resolved.
        value: what it holds.
    """

    path: Path
    annotation: Any
    value: Any

    @property
    def name(self) -> str:
        """The name of the field; positions in tuples are not fields."""
        return next(str(part) for part in reversed(self.path) if isinstance(part, str))

    def __str__(self) -> str:
        return written(self.path)


@dataclass(frozen=True)
class Change:
    """Another value of a field.

    Attributes:
        field: the field as it is.
        value: the proposed value.
    """

    field: Field
    value: Any

    def applied(self, spec: Any) -> Any:
        """The spec with the proposed value; checks of its dataclasses may raise."""
        return replaced(spec, self.field.path, self.value)

    def __str__(self) -> str:
        return f"{self.field}: {self.field.value!r} -> {self.value!r}"


# --- walking ----------------------------------------------------------------------------------------------------------


def walk(spec: Any, repeats: bool = False) -> Iterator[Field]:
    """All fields of a spec, those of the specs within included, outer ones first.

    Args:
        spec: a frozen dataclass.
        repeats: also go into the elements of a tuple that equal an earlier one of it (the layers of most stacks).

    Raises:
        TypeError: a dataclass that can be changed is not a spec.
    """
    yield from _walk(spec, (), repeats)


def _walk(spec: Any, path: Path, repeats: bool) -> Iterator[Field]:
    if not type(spec).__dataclass_params__.frozen:
        raise TypeError(f"{written(path) or 'the spec'} is a {type(spec).__name__}, which is not frozen")
    hints = typing.get_type_hints(type(spec))
    for field in dataclasses.fields(spec):
        if not field.init:
            continue  # follows from the others
        value = getattr(spec, field.name)
        yield Field((*path, field.name), hints[field.name], value)
        yield from _inside(value, (*path, field.name), repeats)


def _inside(value: Any, path: Path, repeats: bool) -> Iterator[Field]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield from _walk(value, path, repeats)
    elif isinstance(value, tuple):
        for position, element in enumerate(value):
            if repeats or element not in value[:position]:
                yield from _inside(element, (*path, position), repeats)


def written(path: Path) -> str:
    """A path as one writes it: `stack.layers[0].attention.heads`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".")


def value_at(spec: Any, path: Path) -> Any:
    """What is at a path."""
    for part in path:
        spec = spec[part] if isinstance(part, int) else getattr(spec, part)
    return spec


def replaced(spec: Any, path: Path, value: Any) -> Any:
    """The spec with another value at a path; the spec itself stays as it is."""
    if not path:
        return value
    first, *rest = path
    inner = replaced(value_at(spec, (first,)), tuple(rest), value)
    if isinstance(first, int):
        return (*spec[:first], inner, *spec[first + 1 :])
    return dataclasses.replace(spec, **{first: inner})


# --- proposing --------------------------------------------------------------------------------------------------------


def changes(
    spec: Any,
    strings: Mapping[str, Sequence[str]] | None = None,
    leave: Collection[str] = (),
    repeats: bool = False,
) -> Iterator[Change]:
    """Other values for every field of a spec.

    Args:
        spec: a frozen dataclass.
        strings: field name -> what a text in it may be; other texts get a value that means nothing.
        leave: names of fields to which nothing is proposed.
        repeats: as in `walk`.
    """
    for field in walk(spec, repeats):
        if field.name not in leave:
            for value in proposals(field, strings):
                yield Change(field, value)


def proposals(field: Field, strings: Mapping[str, Sequence[str]] | None = None) -> list[Any]:
    """Other values for a field; for a spec what else its annotation allows, for a function or a table None at most.

    Args:
        field: the field.
        strings: as in `changes`.

    Raises:
        TypeError: nothing is known about its type.
    """
    found: list[Any] = []
    for variant in _variants(field.annotation):
        if _is_a(field.value, variant):
            found += _others(field, variant, strings or {})
        elif typing.get_origin(variant) not in (Callable, Mapping):
            found.append(_example(variant, field, strings or {}))
    return [value for place, value in enumerate(found) if value != field.value and value not in found[:place]]


def _variants(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union, those of unions within included."""
    if typing.get_origin(annotation) in (Union, types.UnionType):
        return tuple(variant for inner in typing.get_args(annotation) for variant in _variants(inner))
    return (annotation,)


def _is_a(value: Any, variant: Any) -> bool:
    origin = typing.get_origin(variant)
    if origin is Literal:
        return value in typing.get_args(variant)
    if origin is not None:
        return callable(value) if origin is Callable else isinstance(value, origin)
    if variant is Any or variant is None:
        return variant is Any or value is None
    if variant is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if variant is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, variant)


def _others(field: Field, variant: Any, strings: Mapping[str, Sequence[str]]) -> list[Any]:
    """Other values of the type that a field's value has."""
    value, origin = field.value, typing.get_origin(variant)
    if origin is Literal:
        return list(typing.get_args(variant))
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, enum.Enum):
        return list(type(value))
    if variant is float:
        return [_other_float(value)]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, str):
        return list(strings.get(field.name, [f"not {value}"]))
    if isinstance(value, tuple):
        return [value[:-1], (*value, value[-1])] if value else [_example(variant, field, strings)]
    if isinstance(value, frozenset):
        return _other_sets(value, variant)
    if isinstance(value, Mapping):
        return [{}]
    if value is None or dataclasses.is_dataclass(value) or callable(value):
        return []  # a spec's own fields are walked
    raise TypeError(f"{field} holds a {type(value).__name__}, for which nothing is proposed: teach {__name__} to")


def _other_float(value: float) -> float:
    """A value far enough away to show in float32: an epsilon, a mask's fill and a factor alike."""
    if abs(value) >= 1000:
        return 1.0 if value > 0 else -1.0
    return 0.5 if abs(value) < 0.01 else value * 1.5


def _other_sets(value: frozenset[Any], variant: Any) -> list[frozenset[Any]]:
    (element,) = typing.get_args(variant) or (int,)
    found = [frozenset()]
    if element is int:
        found.append(value | {next(number for number in range(len(value) + 1) if number not in value)})
    return found


def _example(variant: Any, field: Field, strings: Mapping[str, Sequence[str]]) -> Any:
    """A value of another type that the annotation allows; a spec takes over what it has in common with the present."""
    origin = typing.get_origin(variant)
    if variant is None or variant is type(None):
        return None
    if origin is Literal:
        return typing.get_args(variant)[0]
    if origin is tuple or variant is tuple:
        first = typing.get_args(variant)[:1]
        return (_example(_variants(first[0])[0], field, strings),) if first else ()
    if origin is frozenset or variant is frozenset:
        return frozenset({0})
    if isinstance(variant, type) and issubclass(variant, enum.Enum):
        return next(iter(variant))
    if dataclasses.is_dataclass(variant):
        return _example_of_spec(variant, field, strings)
    plain = {bool: True, int: 1, float: 0.5, str: strings.get(field.name, ["some text"])[0]}
    if variant in plain:
        return plain[variant]
    raise TypeError(f"{field} may hold a {variant}, for which nothing is proposed: teach {__name__} to")


def _example_of_spec(cls: Any, field: Field, strings: Mapping[str, Sequence[str]]) -> Any:
    hints, given = typing.get_type_hints(cls), {}
    for inner in dataclasses.fields(cls):
        present = getattr(field.value, inner.name, dataclasses.MISSING)
        if not inner.init:
            continue
        variants = _variants(hints[inner.name])
        if present is not dataclasses.MISSING and any(_is_a(present, variant) for variant in variants):
            given[inner.name] = present
        elif inner.default is dataclasses.MISSING and inner.default_factory is dataclasses.MISSING:
            within = Field((*field.path, inner.name), hints[inner.name], None)
            given[inner.name] = _example(variants[0], within, strings)
    return cls(**given)
