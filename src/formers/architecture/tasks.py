"""Tasks: what a public model class takes, in the documented order, and which heads it has."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from .heads import Head


@dataclass(frozen=True)
class Task:
    """What a public model class is, in any framework.

    Attributes:
        inputs: names of the arguments of a call, in the documented order.
        heads: config -> heads; None for the base model.
        renamed: deprecated spellings of arguments -> their names today.
        decoder: whether the config must have `is_decoder` (True), must not (False), or may (None).
        cache: the argument that takes earlier keys and values.
        caching: whether keys and values are given back where `use_cache` is not said: as the config says (None), or no.
        any_shape: inputs may have any number of axes before that of the positions.
        flat_outputs: outputs that do not get these axes back: there they are one.
    """

    inputs: tuple[str, ...]
    heads: Callable[[Any], tuple[Head, ...]] | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    decoder: bool | None = None
    cache: str | None = None
    caching: bool | None = None
    any_shape: bool = False
    flat_outputs: tuple[str, ...] = ()

    def without(self, *names: str) -> "Task":
        """Return the task without some of its arguments (the documented Keras classes of some heads take no labels)."""
        inputs = tuple(name for name in self.inputs if name not in names)
        renamed = {old: new for old, new in self.renamed.items() if new not in names}
        return replace(self, inputs=inputs, renamed=renamed)
