"""Running a script, a module or a string as plain `python` does, with the `transformers` alias in place."""

from __future__ import annotations

import builtins
import importlib.util
import os
import sys
import zipfile
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType, TracebackType
from typing import Any

from formers.compat.alias import as_transformers


class CannotStart(Exception):
    """There is no such program: nothing of it has run."""


def run_script(path: str, arguments: Sequence[str] = ()) -> None:
    """Run a script (or a folder or archive with a `__main__.py`) like `python path arguments...`.

    Args:
        path: The script.
        arguments: What it sees as `sys.argv[1:]`.

    Raises:
        CannotStart: If the script cannot be read.
    """
    absolute = os.path.abspath(path)
    if os.path.isdir(absolute) or zipfile.is_zipfile(absolute):
        spec = PathFinder.find_spec("__main__", [absolute])
        if spec is None:
            raise CannotStart(f"can't find '__main__' module in {path!r}")
        _prepare(path, arguments, absolute)
        _execute_spec(spec)
        return
    loader = SourceFileLoader("__main__", absolute)
    try:
        source = loader.get_data(absolute)
    except OSError as error:
        raise CannotStart(f"can't open file {absolute!r}: {error.strerror}") from error
    _prepare(path, arguments, os.path.dirname(os.path.realpath(path)))
    with _ShortTracebacks():
        code = compile(source, absolute, "exec", dont_inherit=True)
        _execute(code, __file__=absolute, __loader__=loader, __cached__=None)


def run_module(name: str, arguments: Sequence[str] = ()) -> None:
    """Run a module or package like `python -m name arguments...`.

    Args:
        name: Its import name.
        arguments: What it sees as `sys.argv[1:]`.

    Raises:
        CannotStart: If there is no such module, or it is a package without a `__main__`.
    """
    _prepare("-m", arguments, os.getcwd())
    spec = _find(name)
    if spec is not None and spec.submodule_search_locations is not None:
        package, spec = name, _find(f"{name}.__main__")
        if spec is None:
            raise CannotStart(f"{package} is a package and cannot be run: it has no module __main__")
    if spec is None:
        raise CannotStart(f"no module named {name}")
    _execute_spec(spec)


def run_code(code: str, arguments: Sequence[str] = ()) -> None:
    """Run a string like `python -c code arguments...`.

    Args:
        code: Python source.
        arguments: What it sees as `sys.argv[1:]`.
    """
    _prepare("-c", arguments, "")
    with _ShortTracebacks():
        _execute(compile(code, "<string>", "exec", dont_inherit=True))


def _find(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ModuleNotFoundError as error:
        if name.startswith(f"{error.name}."):  # a package on the way is missing
            return None
        raise


def _prepare(program: str, arguments: Sequence[str], first_on_path: str) -> None:
    """Put the alias in place; make `sys.argv` and `sys.path` what the program would find under plain python."""
    as_transformers()
    sys.argv[:] = [program, *arguments]
    if not sys.flags.safe_path:
        sys.path[0] = first_on_path


def _execute_spec(spec: ModuleSpec) -> None:
    loader: Any = spec.loader
    with _ShortTracebacks():
        code = None if loader is None else loader.get_code(spec.name)
        if code is None:
            raise CannotStart(f"no code object available for {spec.name}")
        if sys.argv[0] == "-m":
            sys.argv[0] = spec.origin or spec.name
        attributes = {"__spec__": spec, "__package__": spec.parent, "__file__": spec.origin, "__cached__": spec.cached}
        _execute(code, __loader__=loader, **attributes)


def _execute(code: CodeType, **attributes: object) -> None:
    main = ModuleType("__main__")
    vars(main).update({"__builtins__": builtins, "__package__": None, "__spec__": None, **attributes})
    # It stays in place afterwards: what the program leaves running (threads, atexit) still finds its names.
    sys.modules["__main__"] = main
    exec(code, vars(main))


class _ShortTracebacks:
    """Leaves formers' own frames out of the traceback of an error that ends the program."""

    def __enter__(self) -> None:
        self._previous = sys.excepthook
        sys.excepthook = self._hook

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        # On an error the hook stays: the interpreter calls it later.
        if kind is None and sys.excepthook == self._hook:
            sys.excepthook = self._previous

    def _hook(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        shown, frame, inside = trace, trace, False
        while frame is not None:
            ours = frame.tb_frame.f_code.co_filename == __file__
            if inside and not ours:
                break  # the program's own first frame
            if ours:
                inside, shown = True, frame.tb_next
            frame = frame.tb_next
        self._previous(kind, error.with_traceback(shown), shown)
