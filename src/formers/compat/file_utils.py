"""What only old code takes from `transformers.file_utils`; the rest is in the library itself."""

from __future__ import annotations

import os
from typing import Any

# What the environment said about the frameworks when this was imported.
USE_TF = os.environ.get("USE_TF", "AUTO").upper()
USE_TORCH = os.environ.get("USE_TORCH", "AUTO").upper()

# Where the files of models were kept then. Nothing is read from there; code that distinguishes addresses compares them.
S3_BUCKET_PREFIX = "https://s3.amazonaws.com/models.huggingface.co/bert"
CLOUDFRONT_DISTRIB_PREFIX = "https://cdn.huggingface.co"

# Token ids to call or trace a model with, their mask, and choices for a multiple-choice model.
DUMMY_INPUTS = [[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]]
DUMMY_MASK = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]]
MULTIPLE_CHOICE_DUMMY_INPUTS = [[[0], [1]], [[0], [1]]]


class cached_property(property):  # noqa: N801 (the documented name)
    """A property that is computed once for each object and then remembered.

    Unlike `functools.cached_property` it cannot be assigned to.
    """

    def __get__(self, obj: Any, objtype: type | None = None) -> Any:
        """Return the remembered value, computing it at the first time.

        Raises:
            AttributeError: If there is no getter.
        """
        if obj is None:
            return self
        if self.fget is None:
            raise AttributeError("this cached property has no getter and cannot be read")
        name = f"__cached_{self.fget.__name__}"
        if name not in vars(obj):
            # Not by setattr: a module of PyTorch would take tensors for its own.
            vars(obj)[name] = self.fget(obj)
        return vars(obj)[name]
