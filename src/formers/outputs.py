"""What a model gives back: a tuple whose elements have names."""
from collections.abc import Iterable, Iterator
from typing import Any


class ModelOutput(tuple):
    """A tuple with named fields.

    `loss, logits = output`, `output[0]`, `output[-2:]`, `output.logits` and `output["logits"]` all work. Fields given
    as None are left out of the tuple and read as None by name.

    Args:
        *values: elements without names, one by one or in one iterable: generic code (a gather over devices, hooks on
            gradients) rebuilds tuples in these ways.
        **fields: elements with names, in order.
    """

    _names: tuple[str, ...]
    _absent: frozenset[str]

    def __new__(cls, *values: Any, **fields: Any) -> "ModelOutput":  # noqa: D102 (see the class)
        if len(values) == 1 and not hasattr(values[0], "shape"):
            (values,) = values
        present = {name: value for name, value in fields.items() if value is not None}
        self = super().__new__(cls, (*values, *present.values()))
        self._names = tuple(present)
        self._absent = frozenset(fields) - frozenset(present)
        return self

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            if name in self._names:
                return self[len(self) - len(self._names) + self._names.index(name)]
            if name in self._absent:
                return None
        raise AttributeError(f"this output has no field {name!r}; it has {', '.join(self.__dict__.get('_names', ()))}")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            if key not in self._names:
                raise KeyError(f"this output has no field {key!r}; it has {', '.join(self._names)}")
            return getattr(self, key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        return key in self._names if isinstance(key, str) else super().__contains__(key)

    def keys(self) -> tuple[str, ...]:
        """Return the names of the fields that are there."""
        return self._names

    def absent(self) -> frozenset[str]:
        """Return the names of the fields that read as None."""
        return self._absent

    def values(self) -> tuple[Any, ...]:
        """Return the elements."""
        return tuple(self)

    def items(self) -> Iterator[tuple[str, Any]]:
        """Return the pairs of name and element."""
        return zip(self._names, self[len(self) - len(self._names) :], strict=True)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the field `key`, or `default` where it is absent."""
        return self[key] if key in self._names else default

    def to_tuple(self) -> tuple[Any, ...]:
        """Return the elements as a plain tuple."""
        return tuple(self)

    def __reduce__(self) -> tuple[Any, ...]:
        values, structure = flatten(self)
        return unflatten, (structure, values)

    def __repr__(self) -> str:
        unnamed = [repr(value) for value in self[: len(self) - len(self._names)]]
        return f"{type(self).__name__}({', '.join(unnamed + [f'{name}={value!r}' for name, value in self.items()])})"


def flatten(output: ModelOutput) -> tuple[tuple[Any, ...], tuple[tuple[str, ...], frozenset[str]]]:
    """Split an output into its elements and its structure, which can be compared and hashed."""
    return tuple(output), (output._names, output._absent)


def unflatten(structure: tuple[tuple[str, ...], frozenset[str]], values: Iterable[Any]) -> ModelOutput:
    """Put together what `flatten` split, perhaps with other elements."""
    names, absent = structure
    values = tuple(values)
    first = len(values) - len(names)
    return ModelOutput(values[:first], **dict(zip(names, values[first:], strict=True)), **dict.fromkeys(absent))


def encoder_fields(encoder_outputs: Any) -> dict[str, Any]:
    """Return the encoder's outputs, under names that say so."""
    if isinstance(encoder_outputs, ModelOutput) and len(encoder_outputs.keys()) == len(encoder_outputs):
        return {f"encoder_{name}": value for name, value in encoder_outputs.items()}
    names = ["last_hidden_state", *(f"output_{number}" for number in range(1, len(encoder_outputs)))]
    return {f"encoder_{name}": value for name, value in zip(names, encoder_outputs, strict=True)}
