"""Fields of specs are found and changed whatever the specs are: on toys, and on those of the families."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

import pytest

from formers.families import families

from . import tiny
from .spec_fields import Field, changes, proposals, replaced, value_at, walk, written


class Colour(Enum):
    RED = 1
    BLUE = 2


@dataclass(frozen=True)
class Small:
    eps: float


@dataclass(frozen=True)
class Wide:
    eps: float
    size: int
    kind: Literal["one", "other"] = "other"


@dataclass(frozen=True)
class Layer:
    heads: int
    norm: "Small | Wide | None" = None  # as text, as under `from __future__ import annotations`
    gone: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Toy:
    layers: tuple[Layer, ...]
    causal: bool = False
    layout: Literal["rows", "columns", "both"] = "rows"
    colour: Colour = Colour.RED
    activation: str = "gelu"
    pad: int | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    make: Callable[[Any], int] | None = None
    count: int = field(init=False, default=3)

    def __post_init__(self):
        if not self.layers:
            raise ValueError("no layers")


TOY = Toy((Layer(4, Small(1e-5)), Layer(4, Small(1e-5)), Layer(2, None)))


def paths(found):
    return [written(each.path) for each in found]


def proposed(path, spec=TOY, **options):
    return [change.value for change in changes(spec, **options) if str(change.field) == path]


def test_walking():
    inner = ["layers[0].heads", "layers[0].norm", "layers[0].norm.eps", "layers[0].gone"]
    last = ["layers[2].heads", "layers[2].norm", "layers[2].gone"]
    rest = ["causal", "layout", "colour", "activation", "pad", "renamed", "make"]
    assert paths(walk(TOY)) == ["layers", *inner, *last, *rest]
    again = [path.replace("[0]", "[1]") for path in inner]
    assert paths(walk(TOY, repeats=True)) == ["layers", *inner, *again, *last, *rest]
    assert all(value_at(TOY, each.path) == each.value for each in walk(TOY, repeats=True))
    assert Field(("layers", 0), Layer, None).name == "layers"


def test_replacing_changes_one_place_and_nothing_else():
    other = replaced(TOY, ("layers", 0, "norm", "eps"), 0.5)
    assert other.layers[0] == Layer(4, Small(0.5)) and other.layers[1:] == TOY.layers[1:]
    assert TOY.layers[0].norm.eps == 1e-5
    assert replaced(other, ("layers", 0, "norm", "eps"), 1e-5) == TOY


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("layers[0].heads", [5]),
        ("layers[0].norm.eps", [0.5]),
        ("layers[0].norm", [Wide(1e-5, 1), None]),  # keeps eps
        ("layers[2].norm", [Small(0.5), Wide(0.5, 1)]),
        ("layers[0].gone", [frozenset({0})]),
        ("layers", [TOY.layers[:2], (*TOY.layers, TOY.layers[2])]),
        ("causal", [True]),
        ("layout", ["columns", "both"]),
        ("colour", [Colour.BLUE]),
        ("activation", ["not gelu"]),
        ("pad", [1]),
        ("renamed", []),
        ("make", [None]),
    ],
)
def test_proposals(path, expected):
    assert proposed(path, dataclasses.replace(TOY, make=len)) == expected


def test_proposals_from_other_values():
    other = dataclasses.replace(TOY, pad=7, renamed={"a": "b"}, layers=(Layer(1, gone=frozenset({0, 2})),))
    assert proposed("pad", other) == [8, None] and proposed("renamed", other) == [{}]
    assert proposed("layers[0].gone", other) == [frozenset(), frozenset({0, 1, 2})]
    assert proposed("activation", strings={"activation": ["gelu", "relu"]}) == ["relu"]
    assert proposed("causal", leave=["causal"]) == []


@pytest.mark.parametrize(
    ("value", "other"), [(0.0, 0.5), (1e-12, 0.5), (0.1, 0.15), (2.0, 3.0), (-10000.0, -1.0), (5e4, 1.0), (-0.5, -0.75)]
)
def test_other_floats_are_far_enough_away_to_show(value, other):
    assert proposals(Field(("scale",), float, value)) == [pytest.approx(other)]
    assert proposals(Field(("scale",), float | None, value)) == [pytest.approx(other), None]


def test_whole_numbers_where_floats_are_declared():
    assert proposals(Field(("scale",), float, 2)) == [3.0]
    assert proposals(Field(("scale",), bool, True)) == [False]


def test_every_change_changes_the_spec():
    for change in changes(TOY):
        other = change.applied(TOY)
        assert other != TOY and value_at(other, change.field.path) == change.value
        assert replaced(other, change.field.path, change.field.value) == TOY
    assert str(next(iter(changes(TOY, leave=["layers"])))) == "layers[0].heads: 4 -> 5"


def test_checks_of_a_spec_are_its_own():
    (change,) = (change for change in changes(Toy((Layer(1),))) if change.value == ())
    with pytest.raises(ValueError, match="no layers"):
        change.applied(Toy((Layer(1),)))


def test_what_is_no_spec_is_refused():
    @dataclass
    class Loose:
        size: int = 1

    with pytest.raises(TypeError, match="the spec is a Loose, which is not frozen"):
        list(walk(Loose()))
    with pytest.raises(TypeError, match="size holds a complex, for which nothing is proposed"):
        proposals(Field(("size",), complex, 1j))
    with pytest.raises(TypeError, match="size may hold a .*complex.*, for which nothing is proposed"):
        proposals(Field(("size",), int | complex, 1))


@pytest.mark.parametrize("model_type", [name for name in families() if not hasattr(tiny.config_of(name), "encoder")])
def test_specs_of_the_families(model_type):
    """Every field of every family's spec gets other values, and they can be written into it."""
    spec = families()[model_type].architecture(tiny.config_of(model_type))
    fields = list(walk(spec))
    assert len(fields) > 30
    without = {str(each) for each in fields if not proposals(each) and not dataclasses.is_dataclass(each.value)}
    assert without == set()
    applied = 0
    for change in changes(spec):
        try:
            other = change.applied(spec)
        except ValueError:
            continue  # it contradicts the rest
        assert value_at(other, change.field.path) == change.value
        applied += 1
    assert applied > 30
