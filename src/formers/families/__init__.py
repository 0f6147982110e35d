"""The families: one folder each, found by scanning."""
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from formers.family import Family

__all__ = ["Family", "families"]


@cache
def families() -> dict[str, Family]:
    """Return all families by `model_type`; importing them imports no framework."""
    found = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if module.ispkg]
    # A folder may hold a tokenizer that others build on before its models are there.
    return {module.FAMILY.model_type: module.FAMILY for module in found if hasattr(module, "FAMILY")}
