"""Names: one table a family, from the network's names of parts to the documented ones, which checkpoint files have."""
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

CONV1D = "Conv1D"
"""Class of linear layers that store their weight as `[in, out]`, in PyTorch and in files."""


@dataclass(frozen=True)
class Variable:
    """What a variable of an original TensorFlow checkpoint is on the hub.

    Attributes:
        name: the hub's name.
        transposed: the hub's files hold its transpose.
        squeezed: they lack its first axis, which has a length of 1.
    """

    name: str
    transposed: bool = False
    squeezed: bool = False


Rule = Callable[[str], Variable | None]
"""Name of a variable in an original checkpoint -> what it is on the hub; None for what no model needs."""


@dataclass(frozen=True)
class Row:
    """One part of a model.

    Attributes:
        part: the network's name of it, with `{i}` for an index.
        path: the documented path below the base model, with `{i}` for the same index.
        kind: class of the PyTorch module at the path where it is not the usual one of such a part: a container of other
            parts, or a leaf of a special class.
    """

    part: str
    path: str
    kind: str = ""


class NameTable:
    """The parts of a family's models and their documented paths.

    The table has a row for each part of the base model, in the order in which documented PyTorch modules register
    them: the network's name, the documented path (the name in files without `.weight` or `.bias`), and the class where
    it is a container, or a leaf of another class than usual.

    Args:
        base: rows of the base model; every weight of it must stand in one.
        heads: rows of the heads: path and, for containers, class; in documented order.
        ignored: regular expressions of names that files carry and no model needs.
        optional: regular expressions of names that some files lack; such weights are then zero.
        original: what the variables are called in TensorFlow checkpoints of the family's authors; as in BERT's if None.
    """

    def __init__(
        self,
        base: str,
        heads: str = "",
        ignored: Iterable[str] = (),
        optional: Iterable[str] = (),
        original: Rule | None = None,
    ):
        self.original = original
        self.rows = tuple(_rows(base))
        self.head_rows = tuple(Row("", *line.split()) for line in heads.strip().splitlines() if line.strip())
        self._ignored = [re.compile(pattern) for pattern in ignored]
        self._optional = [re.compile(pattern) for pattern in optional]

    @cached_property
    def _rows_of(self) -> dict[str, list[Row]]:
        """The rows of each part."""
        found: dict[str, list[Row]] = {}
        for row in self.rows:
            found.setdefault(row.part, []).append(row)
        return found

    def _find(self, name: str) -> tuple[list[Row], str, str]:
        """Return the rows of the part that a weight belongs to, its index and its leaf with a dot, perhaps empty."""
        words = name.split(".")
        index = next((word for word in words if word.isdigit()), "")
        part = ".".join("{i}" if word.isdigit() else word for word in words)
        rows = self._rows_of.get(part)
        if rows is not None:
            return rows, index, ""
        part, _, leaf = part.rpartition(".")
        return self._rows_of.get(part, []) if leaf in ("weight", "bias") else [], index, f".{leaf}"

    def hub_name(self, name: str) -> str | None:
        """Translate the name of a base model's weight.

        Args:
            name: the network's name, such as `layers.3.attention.query.weight`.

        Returns:
            The name in files, or None if no row covers it.
        """
        rows, index, leaf = self._find(name)
        return rows[0].path.replace("{i}", index) + leaf if rows else None

    def is_ignored(self, name: str) -> bool:
        """Tell whether files may carry `name` although no model needs it."""
        return any(pattern.search(name) for pattern in self._ignored)

    def is_optional(self, name: str) -> bool:
        """Tell whether files may lack `name`; the weight is zero then."""
        return any(pattern.search(name) for pattern in self._optional)

    def is_transposed(self, name: str) -> bool:
        """Tell whether files hold a weight of the base model, by the network's name, as `[in, out]`."""
        return name.endswith(".weight") and any(row.kind == CONV1D for row in self._find(name)[0])


def _rows(table: str) -> Iterable[Row]:
    for line in table.strip().splitlines():
        words = line.split()
        if not words:
            continue
        if len(words) not in (2, 3):
            raise ValueError(f"a row of a name table has two columns and perhaps a class, this is {line!r}")
        yield Row(*words)
