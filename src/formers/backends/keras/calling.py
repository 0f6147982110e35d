"""The documented ways to call a Keras model, brought to one: a dict of tensors, and flags."""
import logging
from collections import UserDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any

import keras
import numpy as np

from formers.architecture import Task
from formers.calling import FLAGS, bind, today

from .tensors import as_head_mask, as_tensor

logger = logging.getLogger(__name__)

SWITCHES = (*FLAGS, "use_cache")
_LABELS = ("labels", "mc_labels", "next_sentence_label", "start_positions", "end_positions")
# Arguments that are no tensors but nested structures of them; so is that of the cache.
_NESTED = ("encoder_outputs",)

_uncached: ContextVar[bool] = ContextVar("uncached", default=False)


@contextmanager
def uncached() -> Iterator[None]:
    """Calls inside give no keys and values back, unless they ask for them: there is no use for them in training."""
    token = _uncached.set(True)
    try:
        yield
    finally:
        _uncached.reset(token)


def documented_names(task: Task) -> tuple[str, ...]:
    """Arguments of a Keras class in the documented order: labels come after all others."""
    names = task.inputs
    return (*(name for name in names if name not in _LABELS), *(name for name in names if name in _LABELS))


def documented_inputs(
    owner: str, task: Task, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, bool]]:
    """Bind a call: tensors one by one, a list or tuple of them, or a dict, and keywords.

    Args:
        owner: name of the class that is called.
        task: what it is.
        args: values in the documented order; the first may be all tensors in a list, a tuple or a dict.
        kwargs: values by name; `inputs` is the first argument.

    Returns:
        Tensors by name, and flags by name.

    Raises:
        TypeError: there are too many values, an unknown name, or two values for one name; or a value is no tensor.
        ValueError: rows of a value have different lengths.
    """
    names, renamed = documented_names(task), task.renamed
    kwargs = dict(kwargs)
    kwargs.pop("return_dict", None)  # outputs have names in any case
    if "inputs" in kwargs:
        args = (kwargs.pop("inputs"), *args)
    first: Any = args[0] if args else None
    if hasattr(first, "keys"):
        known = {}
        for key in first.keys():  # noqa: SIM118 (a BatchEncoding iterates in its own way)
            if key == "return_dict":
                continue
            name = today(owner, "input_ids" if key == "inputs" else key, renamed, stacklevel=5)
            if name in names:
                known[name] = first[key]
            elif first[key] is not None:
                logger.warning("%s has no input %r; it takes %s. The value is not used.", owner, key, ", ".join(names))
        # Positional arguments after a dict keep their positions.
        known |= dict(zip(names[1:], args[1:]))  # noqa: B905 (the rest are defaults)
        given = bind(owner, names, (), {**known, **_new(owner, kwargs, known)}, renamed)
    elif isinstance(first, list | tuple) and any(_is_array(item) for item in first):
        given = bind(owner, names, (*first, *args[1:]), kwargs, renamed)
    else:
        given = bind(owner, names, args, kwargs, renamed)
    flags = {name: _flag(given.pop(name)) for name in SWITCHES if given.get(name) is not None}
    tensors = {}
    for name, value in given.items():
        if value is not None and name not in SWITCHES:
            if name in _NESTED or name == task.cache:
                tensors[name] = keras.tree.map_structure(partial(as_tensor, owner, name), value)
            else:
                tensors[name] = (as_head_mask if name == "head_mask" else as_tensor)(owner, name, value)
    return tensors, flags


def _new(owner: str, kwargs: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    twice = [name for name in kwargs if known.get(name) is not None and kwargs[name] is not None]
    if twice:
        raise TypeError(f"{owner} got two values for {twice[0]!r}")
    return {name: value for name, value in kwargs.items() if value is not None or name not in known}


def _is_array(value: Any) -> bool:
    return value is None or hasattr(value, "shape")


def _flag(value: Any) -> bool:
    return bool(value) if isinstance(value, bool | int) else bool(np.asarray(value))


def is_symbolic(tensors: Mapping[str, Any]) -> bool:
    """Whether a functional model is being built: the tensors have shapes and no values."""
    return any(isinstance(value, keras.KerasTensor) for value in tensors.values())


def plain_dict(value: Any) -> Any:
    """A `BatchEncoding` as the dict that Keras can take apart; other values as they are."""
    return {name: value[name] for name in value.keys()} if isinstance(value, UserDict) else value  # noqa: SIM118


def resolved_flags(config: Any, task: Task, flags: Mapping[str, bool | None]) -> dict[str, bool]:
    """The flags of a call; the config has those that were not given."""
    given = {name: value for name, value in flags.items() if value is not None}
    resolved = {name: getattr(config, name) for name in FLAGS}
    if "use_cache" in task.inputs:
        caching = config.use_cache if task.caching is None else task.caching
        resolved["use_cache"] = bool(caching) and not _uncached.get()
    return resolved | given
