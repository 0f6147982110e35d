"""Loggers under the alias: those of the documented modules govern the messages of this library.

Old code says `logging.getLogger("transformers.modeling_utils").setLevel(logging.ERROR)`. Levels and handlers reach a
logger along its parents, so under the alias our loggers get the documented ones as parents:
`formers.backends.torch.model` -> `transformers.modeling_utils` -> `transformers` -> `formers` -> root.
Filters, `disabled` and the name in a record count only for the logger that makes a record: a filter on each of ours
gives its records the documented name and asks the documented loggers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import formers
from formers.compat.modules import homes

# Part of this library -> the documented module that logged the same. The longest prefix counts; the rest of the
# library is governed by `transformers` alone.
_MODULES = {
    "auto": "modeling_auto",
    "backends.keras": "modeling_tf_utils",
    "backends.keras.generating": "generation_tf_utils",
    "backends.torch": "modeling_utils",
    "backends.torch.generating": "generation_utils",
    "checkpoint": "modeling_tf_utils",
    "cli": "commands",
    "configuration": "configuration_utils",
    "conversion": "modeling_tf_pytorch_utils",
    "data": "data.processors.squad",
    "frameworks": "file_utils",
    "generation": "generation_utils",
    "hub": "file_utils",
    "modelcard": "modelcard",
    "network": "modeling_utils",
    "pipelines": "pipelines",
    "tokenization": "tokenization_utils_base",
    "tokenization.fast": "tokenization_utils_fast",
    "training": "trainer",
    "url_cache": "file_utils",
}

# One module of ours may log what either of two documented modules did (the loading of weights, say), and some messages
# moved from one module to another between versions. So these govern each other.
_PARENTS = {
    "modeling_tf_utils": "modeling_utils",
    "tokenization_utils_base": "tokenization_utils",
    "tokenization_utils_fast": "tokenization_utils_base",
    "generation_utils": "modeling_utils",
    "generation_tf_utils": "modeling_tf_utils",
}


class Documented(logging.Filter):
    """Gives records the name of a documented logger, and lets its filters and `disabled` count.

    Args:
        governing: The documented logger, then those that govern it.
    """

    def __init__(self, governing: Sequence[logging.Logger]) -> None:
        super().__init__()
        self.governing = governing

    def filter(self, record: logging.LogRecord) -> Any:
        """Tell whether a record is to be logged, or return another one to be logged instead."""
        record.name = self.governing[0].name
        for logger in self.governing:
            answer = not logger.disabled and logger.filter(record)
            if not answer:
                return False
            record = answer if isinstance(answer, logging.LogRecord) else record
        return record


def govern(alias: str) -> None:
    """Let the loggers of the documented modules govern this library's messages.

    Args:
        alias: The other name of this library, `"transformers"`.
    """
    families = _modules_of_families()
    ours = {name: families.get(name) or _documented(name) for name in _modules_of(Path(formers.__file__).parent)}
    documented = sorted({*_PARENTS, *_PARENTS.values(), *(name for name in ours.values() if name)})
    # All of them are made before any gets another parent, since making a logger sets the parents of those below it.
    for name in ours:
        logging.getLogger(f"formers.{name}")
    for name in documented:
        logging.getLogger(f"{alias}.{name}")
    top, library = logging.getLogger(alias), logging.getLogger("formers")
    top.parent = library
    for below, above in _PARENTS.items():
        logging.getLogger(f"{alias}.{below}").parent = logging.getLogger(f"{alias}.{above}")
    for name, module in ours.items():
        governing = [logging.getLogger(f"{alias}.{one}") for one in _line_of(module)] or [top]
        logger = logging.getLogger(f"formers.{name}")
        logger.parent = governing[0]
        if not any(isinstance(present, Documented) for present in logger.filters):
            logger.addFilter(Documented(governing))
    top.setLevel(top.level)  # forgets which levels were enabled so far


def _modules_of(package: Path) -> Iterator[str]:
    """Yield the names of a package's modules, without the package's own."""
    for path in package.rglob("*.py"):
        parts = path.relative_to(package).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name:
            yield name


def _modules_of_families() -> dict[str, str]:
    """Return the modules of families with the documented module that each is the home of."""
    table = {}
    for documented, modules in homes().items():
        for module in modules:
            if module.startswith("formers.families."):
                table[module.removeprefix("formers.")] = documented
    return table


def _line_of(module: str | None) -> list[str]:
    """Return a documented module and those that govern it."""
    line = []
    while module is not None:
        line.append(module)
        module = _PARENTS.get(module)
    return line


def _documented(module: str) -> str | None:
    """Return the documented module of the longest part of a module's name; None if it has none."""
    while module and module not in _MODULES:
        module = module.rpartition(".")[0]
    return _MODULES.get(module)
