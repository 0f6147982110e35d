"""Filling a model from a checkpoint: the file's names to ours, straight into place, and a report of the rest."""
import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from formers.checkpoint import Checkpoint, open_checkpoint
from formers.configuration import PretrainedConfig
from formers.hub import find_file, split_hub_kwargs

from .construction import deferred
from .hub_names import checkpoint_names

if TYPE_CHECKING:
    from .model import PreTrainedModel

logger = logging.getLogger(__name__)

TORCH_FILES = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
TF_FILES = ("tf_model.h5", "model.ckpt.index")


@dataclass
class Report:
    """What a load left over, by the hub's names.

    Attributes:
        missing: parameters that the file has not.
        unexpected: tensors of the file that the model has not.
        mismatched: name -> shape in the file, shape in the model.
        initialized: the missing and mismatched parameters that got fresh random values (no tied copy had one).
    """

    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    mismatched: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    initialized: dict[str, tuple[int, ...]] = field(default_factory=dict)


class StateDict(Checkpoint):
    """A caller's state dict, read like a checkpoint file."""

    format = "state dict"

    def __init__(self, tensors: Mapping[str, Tensor]):
        super().__init__(Path("the given state_dict"), tensors)

    def _shape(self, handle: Tensor) -> tuple[int, ...]:
        return tuple(handle.shape)

    def _read(self, handle: Tensor, framework: str) -> Tensor:
        return handle.detach().clone()


def from_pretrained(cls: "type[PreTrainedModel]", name: Any, *model_args: Any, **kwargs: Any) -> Any:
    """See `PreTrainedModel.from_pretrained`."""
    config = kwargs.pop("config", None)
    state_dict = kwargs.pop("state_dict", None)
    from_tf = kwargs.pop("from_tf", False)
    want_info = kwargs.pop("output_loading_info", False)
    ignore_mismatched = kwargs.pop("ignore_mismatched_sizes", False)
    dtype = _dtype(kwargs.pop("dtype", None), kwargs.pop("torch_dtype", None))
    hub, kwargs = split_hub_kwargs(kwargs)
    if not isinstance(config, PretrainedConfig):
        config, kwargs = _config_class(cls).from_pretrained(
            config if config is not None else name, return_unused_kwargs=True, **hub, **kwargs
        )
    opened = StateDict(state_dict) if state_dict is not None else open_checkpoint(_weights_file(name, from_tf, hub))
    with opened as checkpoint:
        model, empty = _build(cls, config, model_args, kwargs)
        model.tie_weights()
        report = load(model, checkpoint, dtype, ignore_mismatched, empty)
    model.tie_weights()
    if not empty:
        model.to(dtype)
    model.eval()
    _log(cls.__name__, str(checkpoint.path), report)
    if not want_info:
        return model
    info = {"missing_keys": report.missing, "unexpected_keys": report.unexpected, "error_msgs": []}
    return model, info | {"initialized_keys": list(report.initialized)}


def load(
    model: "PreTrainedModel",
    checkpoint: Checkpoint,
    dtype: torch.dtype,
    ignore_mismatched: bool = False,
    empty: bool = False,
) -> Report:
    """Fill a model from a checkpoint.

    Args:
        model: the model; on the meta device if `empty`.
        checkpoint: an open checkpoint.
        dtype: type of the floating-point parameters.
        ignore_mismatched: leave parameters of another shape at fresh values instead of raising.
        empty: the model's parameters have no memory yet; those without a tensor in the file are initialised.

    Raises:
        RuntimeError: shapes differ.
    """
    report = Report()
    sources = _sources(model, checkpoint.names(), report)
    parameters = {**dict(model.named_parameters(remove_duplicate=False)), **dict(model.named_buffers())}
    tied: dict[int, list[str]] = {}
    for name, parameter in parameters.items():
        tied.setdefault(id(parameter), []).append(name)
    hub = checkpoint_names(model)
    filled: set[int] = set()
    for name, source in sources.items():
        old = parameters[name]
        if checkpoint.shape(source) != tuple(old.shape):
            report.mismatched[hub[name]] = (checkpoint.shape(source), tuple(old.shape))
            continue
        if id(old) in filled:
            continue  # a tied copy
        filled.add(id(old))
        tensor = checkpoint.tensor(source)
        if tensor.is_floating_point():
            tensor = tensor.to(dtype)
        _put(model, tied[id(old)], old, tensor, empty)
    if report.mismatched and not ignore_mismatched:
        raise RuntimeError(_mismatch_message(type(model).__name__, str(checkpoint.path), report))
    unfilled = {name: old for name, old in parameters.items() if id(old) not in filled}
    report.initialized = {hub[name]: tuple(old.shape) for name, old in unfilled.items() if name in hub}
    if empty:
        _initialize(model, unfilled, dtype)
    return report


def _sources(model: "PreTrainedModel", found: Iterable[str], report: Report) -> dict[str, str]:
    """Our names -> names in the file, with the base model's prefix added or taken away where the file differs."""
    wanted = checkpoint_names(model)
    found = list(found)
    keys = set(found)
    # A file may hold our own names too: a state dict of named_parameters, or of a wrapped model.
    prefix = f"{model.base_model_prefix}." if model.base_model_prefix else ""
    has_base = bool(prefix) and hasattr(model, model.base_model_prefix)
    has_prefix = bool(prefix) and any(key.startswith(prefix) for key in keys)
    if prefix and not has_base and has_prefix:  # a base model from a file with heads
        spelled = {name: prefix + hub for name, hub in wanted.items()}
        own = {name: prefix + name for name in wanted}
        keys_of_interest = [key for key in found if key.startswith(prefix)]
    elif has_base and not has_prefix:  # a model with heads from a file of its base
        spelled = {name: hub.removeprefix(prefix) for name, hub in wanted.items() if hub.startswith(prefix)}
        own = {name: name.removeprefix(prefix) for name in spelled}
        keys_of_interest = found
    else:
        spelled, own, keys_of_interest = wanted, {name: name for name in wanted}, found
    sources = {}
    for name, key in spelled.items():
        if key in keys:
            sources[name] = key
        elif own[name] in keys and own[name] not in spelled.values():
            sources[name] = own[name]
    names = model.names
    used = set(sources.values())
    report.missing = [hub for name, hub in wanted.items() if name not in sources]
    report.unexpected = [
        key for key in keys_of_interest if key not in used and not names.is_ignored(key.removeprefix(prefix))
    ]
    return sources


def _put(model: nn.Module, names: Iterable[str], old: Tensor, tensor: Tensor, empty: bool) -> None:
    """Give a parameter, under all its names, the values of a tensor; an empty one takes the tensor's own memory."""
    if not empty:
        old.data.copy_(tensor)
        return
    value = nn.Parameter(tensor, old.requires_grad) if isinstance(old, nn.Parameter) else tensor
    for name in names:
        path, _, leaf = name.rpartition(".")
        setattr(model.get_submodule(path), leaf, value)


@torch.no_grad()
def _initialize(model: "PreTrainedModel", unfilled: Mapping[str, Tensor], dtype: torch.dtype) -> None:
    """Give parameters that the file lacks fresh values, without touching those it has."""
    owners: dict[str, list[str]] = {}
    for name in unfilled:
        path, _, leaf = name.rpartition(".")
        owners.setdefault(path, []).append(leaf)
    for path, leaves in owners.items():
        owner = model.get_submodule(path)
        own = owner.named_parameters(recurse=False)
        kept = {leaf: value.detach().clone() for leaf, value in own if leaf not in leaves}
        for leaf in leaves:
            old = getattr(owner, leaf)
            if old.device.type == "meta":
                fresh = torch.zeros(old.shape, dtype=dtype if old.is_floating_point() else old.dtype)
                setattr(owner, leaf, nn.Parameter(fresh, old.requires_grad) if isinstance(old, nn.Parameter) else fresh)
        model._init_weights(owner)
        for leaf, value in kept.items():
            getattr(owner, leaf).copy_(value)


def _build(
    cls: "type[PreTrainedModel]", config: PretrainedConfig, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> "tuple[PreTrainedModel, bool]":
    """The model, and whether its weights have no memory yet.

    A class with an `__init__` of its own is built in the ordinary way: it may compute with its weights.
    """
    from .model import PreTrainedModel

    if cls.__init__ is PreTrainedModel.__init__ and cls.task is not None:
        with deferred():
            return cls(config, *args, **kwargs), True
    return cls(config, *args, **kwargs), False


def _weights_file(name: Any, from_tf: bool, hub: dict[str, Any]) -> str:
    if name is None:
        raise ValueError("from_pretrained(None) needs state_dict and config: there is no file to read")
    path = os.fspath(name)
    if os.path.isfile(path):
        return path
    candidates = (*TF_FILES, *TORCH_FILES) if from_tf else (*TORCH_FILES, *TF_FILES)
    found = find_file(path, candidates, **hub)
    if found is None:
        there = f" It holds {', '.join(sorted(os.listdir(path)))}." if os.path.isdir(path) else ""
        raise OSError(f"{path} has no weights: expected one of {', '.join(candidates)}.{there}")
    return found


def _config_class(cls: "type[PreTrainedModel]") -> type[PretrainedConfig]:
    if cls.config_class is None:
        raise TypeError(f"{cls.__name__} names no config_class: load through the class of a family, or an Auto class")
    return cls.config_class


def _dtype(dtype: Any, torch_dtype: Any) -> torch.dtype:
    wanted = dtype if dtype is not None else torch_dtype
    if wanted is None:
        return torch.get_default_dtype()
    found = getattr(torch, wanted, None) if isinstance(wanted, str) else wanted
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise ValueError(f"dtype is {wanted!r}; expected float32, bfloat16, float16 or float64")
    return found


def _shape(shape: Iterable[int]) -> str:
    return f"[{', '.join(map(str, shape))}]"


def _mismatch_message(model: str, path: str, report: Report) -> str:
    lines = [
        f"  size mismatch for {name}: the checkpoint has {_shape(theirs)}, the model {_shape(ours)}"
        for name, (theirs, ours) in report.mismatched.items()
    ]
    return "\n".join(
        [
            f"Error(s) in loading state_dict for {model} from {path}:",
            *lines,
            "Change the config to fit (vocab_size, num_labels, ...), or pass ignore_mismatched_sizes=True to start "
            "these weights afresh.",
        ]
    )


def _log(model: str, path: str, report: Report) -> None:
    lines = []
    if report.initialized:
        lines.append(f"{len(report.initialized)} weights of the model are not in the file and are newly initialized:")
        lines += [f"  {name} {_shape(shape)}" for name, shape in report.initialized.items()]
        for name, (theirs, _) in report.mismatched.items():
            lines.append(f"  ({name} is there with the shape {_shape(theirs)})")
        lines.append("  Train the model on your task before you use it to predict.")
    if report.unexpected:
        lines.append(f"{len(report.unexpected)} weights of the file are not used: {', '.join(report.unexpected)}")
    if lines:
        logger.warning("%s from %s:\n%s", model, path, "\n".join(lines))
