"""Pipelines: from a text to a result in one call. Nothing heavy is imported before a name is used."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach_stub(__name__, __file__)
