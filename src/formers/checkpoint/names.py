"""Names: one table a family leads from the names of our modules to the hub's checkpoint names and back."""
import re
from collections.abc import Iterable

from formers.checkpoint.tf_checkpoint import Rule


class NameTable:
    """The names of a family's modules here and in checkpoint files.

    A row holds our name and the hub's, with `{i}` for a number; rows name modules, so that `weight` and `bias` follow,
    or single parameters. Rows of the base model come without the model's prefix. A third word, `transposed`, says that
    files hold the weight as `[in, out]` and our modules as `[out, in]`.

    Args:
        base: rows of the base model; every parameter of it must stand in one.
        heads: rows of the heads where the names differ; other names are the same on both sides.
        ignored: regular expressions of checkpoint names that files carry and no model needs.
        optional: regular expressions of checkpoint names that some files lack; such weights are then zero.
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
        self._base_to_hub = _rules(base, 0, 1)
        self._base_to_ours = _rules(base, 1, 0)
        self._heads_to_hub = _rules(heads, 0, 1)
        self._heads_to_ours = _rules(heads, 1, 0)
        self._ignored = [re.compile(pattern) for pattern in ignored]
        self._optional = [re.compile(pattern) for pattern in optional]
        rows = [line for line in base.splitlines() if line.split()[2:] == ["transposed"]]
        self._transposed = [pattern for pattern, _ in _rules("\n".join(rows), 0, 1)]

    def base_to_hub(self, name: str) -> str | None:
        """The hub's name of the base model's parameter `name`, or None if no row covers it."""
        return _translate(name, self._base_to_hub)

    def base_to_ours(self, name: str) -> str | None:
        """Our name of the hub's base model parameter `name`, or None if no row covers it."""
        return _translate(name, self._base_to_ours)

    def head_to_hub(self, name: str) -> str:
        """The hub's name of a head's parameter `name`."""
        return _translate(name, self._heads_to_hub) or name

    def head_to_ours(self, name: str) -> str:
        """Our name of the hub's parameter `name` of a head."""
        return _translate(name, self._heads_to_ours) or name

    def is_ignored(self, name: str) -> bool:
        """Whether files may carry `name` although no model needs it."""
        return any(pattern.search(name) for pattern in self._ignored)

    def is_optional(self, name: str) -> bool:
        """Whether files may lack `name`; the weight is zero then."""
        return any(pattern.search(name) for pattern in self._optional)

    def is_transposed(self, name: str) -> bool:
        """Whether files hold the base model's parameter `name`, one of ours, as its transpose."""
        return name.endswith(".weight") and any(pattern.fullmatch(name) for pattern in self._transposed)


def _rules(table: str, source: int, target: int) -> list[tuple[re.Pattern[str], str]]:
    rules = []
    for line in table.strip().splitlines():
        row = line.split()
        if not row:
            continue
        if len(row) != 2 and row[2:] != ["transposed"]:
            raise ValueError(f"a row of a name table has two columns and perhaps 'transposed', this is {line!r}")
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>\\d+)", re.escape(row[source]))
        rules.append((re.compile(rf"{pattern}(?P<leaf>\.weight|\.bias)?"), row[target] + "{leaf}"))
    return rules


def _translate(name: str, rules: list[tuple[re.Pattern[str], str]]) -> str | None:
    for pattern, target in rules:
        match = pattern.fullmatch(name)
        if match:
            return target.format(**match.groupdict(default=""))
    return None
