"""The `transformers` alias: in this process, and in the ones it spawns, the name means formers."""

from __future__ import annotations

import importlib
import logging
import multiprocessing.spawn
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import formers
from formers.checkpoint.written import write_documented_files
from formers.compat.advice import advice
from formers.compat.loggers import govern
from formers.compat.modules import elsewhere, existing_homes, homes, star_names

ALIAS = "transformers"

# The version whose documentation formers follows; scripts compare it.
DOCUMENTED_VERSION = "3.0.2"


class _AliasModule(ModuleType):
    """`transformers` or one of its modules: every name is looked up in formers when it is first used."""

    def __getattr__(self, name: str) -> Any:
        module = _inner_name(self.__name__)
        if name == "__all__":
            value: Any = _star_names(module)
        elif name.startswith("__") and name.endswith("__"):
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        elif _join(module, name) in homes():
            return importlib.import_module(f"{self.__name__}.{name}")
        else:
            value = _lookup(self.__name__, name)
        setattr(self, name, value)
        return value

    def __dir__(self) -> list[str]:
        module = _inner_name(self.__name__)
        inside = [_inner_name(f"x.{key}", module) for key in homes() if key.rpartition(".")[0] == module]
        names = _star_names(module) if module else dir(formers)
        return sorted({*names, *inside, *self.__dict__})


def _join(module: str, name: str) -> str:
    return f"{module}.{name}" if module else name


def _inner_name(full_name: str, parent: str = "") -> str:
    """Return a name without its first part (`data.metrics`); with a parent, the rest after it."""
    inner = full_name.partition(".")[2]
    return inner.removeprefix(f"{parent}.") if parent else inner


def _lookup(full_name: str, name: str) -> Any:
    if name in dir(formers):
        return getattr(formers, name)
    module = _inner_name(full_name)
    if module:
        for home in existing_homes(module):
            try:
                return getattr(importlib.import_module(home), name)
            except AttributeError:
                continue
        found = elsewhere(module, name)
        if found is not None:
            other = importlib.import_module(found[0])
            return getattr(other, found[1]) if found[1] else other
        if name == "logger":
            return logging.getLogger(full_name)
    raise AttributeError(_does_not_have(f"{full_name}.{name}"))


def _star_names(module: str) -> list[str]:
    if not module:
        return list(formers.__all__)  # type: ignore[attr-defined]  # made by its `__getattr__`
    here = importlib.import_module(f"{ALIAS}.{module}")
    return [name for name in star_names(module) if _has(here, name)]


def _has(module: ModuleType, name: str) -> bool:
    """Tell whether a module has a name: families may be missing, and frameworks not installed."""
    try:
        getattr(module, name)
    except (AttributeError, ImportError):
        return False
    return True


def _does_not_have(name: str) -> str:
    return (
        f"formers does not have {name}: under `formers run` and after `formers.as_transformers()`, "
        f"`{ALIAS}` means formers {formers.__version__}, which follows {ALIAS} {DOCUMENTED_VERSION}"
        f"{advice(name, [*dir(formers), *homes()])}"
    )


class _AliasLoader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _AliasModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        module.__file__ = formers.__file__
        if module.__name__ == ALIAS:
            module.__doc__ = formers.__doc__
            module.__version__ = DOCUMENTED_VERSION  # type: ignore[attr-defined]


class AliasFinder(MetaPathFinder):
    """Finds `transformers` and its documented modules, and says so where formers has no such module or name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """See `importlib.abc.MetaPathFinder.find_spec`.

        Raises:
            ModuleNotFoundError: If formers has nothing of that name. `from transformers.x import y` asks here too
                when the module has no attribute `y`, because every alias module counts as a package.
        """
        if fullname != ALIAS and not fullname.startswith(f"{ALIAS}."):
            return None
        if fullname != ALIAS and _inner_name(fullname) not in homes():
            # Without `name=`: the import system drops an error that carries the name it looked for.
            raise ModuleNotFoundError(_does_not_have(fullname))
        return ModuleSpec(fullname, _AliasLoader(), is_package=True)


def as_transformers() -> ModuleType:
    """Let `transformers`, and its documented modules, mean formers in this process.

    Call it before anything imports `transformers`. Processes that `multiprocessing` spawns follow; programs that are
    started in any other way do not. Nothing on disk changes, and calling it again does nothing.

    Returns:
        The module that `import transformers` gives from now on.

    Raises:
        RuntimeError: If the real library is imported already.
    """
    present = sys.modules.get(ALIAS)
    if present is not None and not isinstance(present, _AliasModule):
        raise RuntimeError(
            f"the real {ALIAS} library is already imported, from {getattr(present, '__file__', None)}: "
            f"call formers.as_transformers() before the first `import {ALIAS}` (in a notebook, restart the kernel), "
            f"or run the script with `python -m formers run`"
        )
    if not any(isinstance(finder, AliasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, AliasFinder())
        _follow_into_children()
        govern(ALIAS)
        write_documented_files()
    return importlib.import_module(ALIAS)


class _AliasInChild:
    """Sets the alias up in the process that unpickles it."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (as_transformers, ())


def _follow_into_children() -> None:
    """Let the processes that multiprocessing starts have the alias before they import the main script again.

    The data a child is prepared with is unpickled before anything else is done with it, and keys it does not know
    are ignored: that is where the alias travels.
    """
    original = multiprocessing.spawn.get_preparation_data

    def get_preparation_data(name: str) -> dict[str, Any]:
        return {**original(name), "transformers_alias": _AliasInChild()}

    multiprocessing.spawn.get_preparation_data = get_preparation_data
    # The fork server would import the main script by itself, before any of its children has the alias.
    multiprocessing.set_forkserver_preload([])
