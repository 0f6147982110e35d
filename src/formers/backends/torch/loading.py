"""Filling a model from a checkpoint, straight into place, and a report of the rest."""
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from formers.checkpoint import Checkpoint, open_checkpoint
from formers.checkpoint.given import GivenTensors
from formers.checkpoint.matching import SAFE_FILES, TF_FILES, TORCH_FILES, Report, match, weights_file, wrapper_of
from formers.checkpoint.tf_checkpoint import TFCheckpoint
from formers.configuration import PretrainedConfig
from formers.garbage import uncollected
from formers.hub import split_hub_kwargs
from formers.network.deferred import deferred

from .leaves import Conv1D
from .storage.packed import check_packed, pack_
from .storage.quantized import check_quantize, quantize_

CACHE_LINE = 64
"""Bytes."""


def from_pretrained(cls: Any, name: Any, *model_args: Any, **kwargs: Any) -> Any:
    """See `PreTrainedModel.from_pretrained`."""
    config = kwargs.pop("config", None)
    state_dict = kwargs.pop("state_dict", None)
    from_tf = kwargs.pop("from_tf", False)
    want_info = kwargs.pop("output_loading_info", False)
    ignore_mismatched = kwargs.pop("ignore_mismatched_sizes", False)
    dtype = _dtype(kwargs.pop("dtype", None), kwargs.pop("torch_dtype", None))
    kwargs.pop("return_dict", None)  # outputs have names in any case
    quantize, packed = kwargs.pop("quantize", None), kwargs.pop("packed", False)
    check_quantize(quantize, dtype)
    if packed:
        check_packed(dtype)
        if quantize is not None:
            raise ValueError(f"quantize={quantize!r} has another form, which packed=True would replace: pass one")
    hub, kwargs = split_hub_kwargs(kwargs)
    if not isinstance(config, PretrainedConfig):
        config, kwargs = _config_class(cls).from_pretrained(
            config if config is not None else name, return_unused_kwargs=True, **hub, **kwargs
        )
    if state_dict is not None:
        opened: Checkpoint = GivenTensors(state_dict)
    else:
        torch_files = (*SAFE_FILES, *TORCH_FILES)
        candidates = (*TF_FILES, *torch_files) if from_tf else (*torch_files, *TF_FILES)
        opened = _open(weights_file(name, candidates, hub), cls)
    with opened as checkpoint, uncollected():
        model, empty = _build(cls, config, model_args, kwargs)
        model.tie_weights()
        # Weights that change their form are read one by one from the file: all of it would stay in memory beside them.
        report = load(model, checkpoint, dtype, ignore_mismatched, empty, copied=packed or quantize is not None)
    model.tie_weights()
    if not empty:
        model.to(dtype)
    if quantize is not None:
        quantize_(model)
    elif packed:
        pack_(model)
    model.eval()
    report.log(cls.__name__, checkpoint.path)
    return (model, report.info()) if want_info else model


def _open(path: str, cls: Any) -> Checkpoint:
    """Open the file of weights; what TensorFlow's own checkpoints call them, the family knows."""
    if path.endswith(".index"):
        return TFCheckpoint(Path(path), None if cls.family is None else cls.family.names.original)
    return open_checkpoint(path)


def load_original(model: Any, checkpoint: Checkpoint) -> None:
    """Fill a model from a checkpoint as the authors of its family published it, and warn of what does not fit.

    Raises:
        RuntimeError: shapes differ.
    """
    report = load(model, checkpoint, model.dtype)
    model.tie_weights()
    report.log(type(model).__name__, checkpoint.path)


def load(
    model: Any,
    checkpoint: Checkpoint,
    dtype: torch.dtype,
    ignore_mismatched: bool = False,
    empty: bool = False,
    copied: bool = False,
) -> Report:
    """Fill a model from a checkpoint.

    Args:
        model: the model; on the meta device if `empty`.
        checkpoint: an open checkpoint.
        dtype: type of the floating-point parameters.
        ignore_mismatched: leave parameters of another shape newly initialised instead of raising.
        empty: the model's parameters have no memory yet; those without a tensor in the file are initialised.
        copied: read everything into memory of its own, so that nothing holds the file.

    Raises:
        RuntimeError: shapes differ.
    """
    report = Report()
    names = model.names
    buffers = {name: tensor for name, tensor in _persistent_buffers(model) if not names.is_ignored(name)}
    parameters = {**dict(model.named_parameters(remove_duplicate=False)), **buffers}
    prefix = model.base_model_prefix
    has_base = bool(prefix) and hasattr(model, prefix)
    sources = match({name: name for name in parameters}, checkpoint.names(), names, prefix, has_base, report)
    tied: dict[int, list[str]] = {}
    for name, parameter in parameters.items():
        tied.setdefault(id(parameter), []).append(name)
    filled: set[int] = set()
    for name, source in sources.items():
        old = parameters[name]
        if checkpoint.shape(source) != tuple(old.shape):
            report.mismatched[name] = (checkpoint.shape(source), tuple(old.shape))
            continue
        if id(old) in filled:
            continue  # a tied copy
        filled.add(id(old))
        tensor = checkpoint.tensor(source)
        if copied or tensor.dtype != dtype or not empty or _is_slow(model, name, tensor):
            tensor = checkpoint.tensor(source, passing=True)
        if tensor.is_floating_point():
            tensor = tensor.to(dtype)
        _put(model, tied[id(old)], old, tensor, empty)
    if not ignore_mismatched:
        report.check_shapes(type(model).__name__, checkpoint.path)
    unfilled = {name: old for name, old in parameters.items() if id(old) not in filled}
    optional = {name for name in unfilled if names.is_optional(name)}
    report.initialized = {name: tuple(old.shape) for name, old in unfilled.items() if name not in optional}
    report.missing = [name for name in report.missing if not names.is_optional(name)]
    if empty:
        _initialize(model, unfilled, dtype)
    for name in optional:
        model.get_parameter(name).data.zero_()
    return report


def _is_slow(model: nn.Module, name: str, tensor: Tensor) -> bool:
    """Tell whether products with a weight are slow where it lies: rows of `[in, out]` that split cache lines."""
    is_split = tensor.dim() == 2 and tensor.data_ptr() % CACHE_LINE != 0
    return is_split and isinstance(model.get_submodule(name.rpartition(".")[0]), Conv1D)


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
def _initialize(model: Any, unfilled: Mapping[str, Tensor], dtype: torch.dtype) -> None:
    """Initialise parameters that the file lacks, without touching those it has."""
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
                new = torch.zeros(old.shape, dtype=dtype if old.is_floating_point() else old.dtype)
                setattr(owner, leaf, nn.Parameter(new, old.requires_grad) if isinstance(old, nn.Parameter) else new)
        model._init_weights(owner)
        for leaf, value in kept.items():
            getattr(owner, leaf).copy_(value)


def _build(
    cls: Any, config: PretrainedConfig, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[Any, bool]:
    """Return the model, and whether its weights have no memory yet.

    A class with a custom `__init__` is built in the ordinary way: it may compute with its weights.
    """
    if cls.builds_itself():
        with deferred():
            return cls(config, *args, **kwargs), True
    return cls(config, *args, **kwargs), False


def _config_class(cls: Any) -> type[PretrainedConfig]:
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


def _persistent_buffers(model: nn.Module) -> Iterator[tuple[str, Tensor]]:
    """Yield the buffers that a state dict has."""
    for path, module in model.named_modules(remove_duplicate=False):
        for name, buffer in module._buffers.items():
            if buffer is not None and name not in module._non_persistent_buffers_set:
                yield f"{path}.{name}" if path else name, buffer


def check_wrapped(model: Any, state: Mapping[str, Any]) -> None:
    """Raise if a state dict is that of a wrapper around the model.

    Raises:
        RuntimeError: naming the wrapper, and what to do.
    """
    found = wrapper_of(map(str, state))
    if found is not None and not hasattr(model, found[0][:-1]):
        prefix, wrapper = found
        raise RuntimeError(
            f"all names of the state dict begin with {prefix!r}: it was saved of {wrapper}, and "
            f"{type(model).__name__} has no such names. Take them off: {{name.removeprefix({prefix!r}): value "
            "for name, value in state_dict.items()}, or save the state dict of the model inside"
        )


def accept_spellings(model: Any, state: dict[str, Tensor], prefix: str) -> None:
    """Let `load_state_dict` take files of other times: old names of norms, buffers, tied weights that stand there once.

    Args:
        model: the model.
        state: the state dict, which is changed.
        prefix: prefix of the model's names in it.
    """
    for key in [key for key in state if key.startswith(prefix)]:
        for old, new in (("LayerNorm.gamma", "LayerNorm.weight"), ("LayerNorm.beta", "LayerNorm.bias")):
            if key.endswith(old):
                state[key.removesuffix(old) + new] = state.pop(key)
    own = dict(model.named_parameters(remove_duplicate=False)) | dict(model.named_buffers(remove_duplicate=False))
    for key in [key for key in state if key.startswith(prefix)]:
        name = key[len(prefix) :]
        if name not in own and model.names.is_ignored(name):
            del state[key]
    for name, buffer in _persistent_buffers(model):
        if model.names.is_ignored(name):  # computed from the sizes
            state.setdefault(prefix + name, buffer)
    tied: dict[int, list[str]] = {}
    for name, parameter in own.items():
        tied.setdefault(id(parameter), []).append(prefix + name)
    for names in tied.values():
        there = [name for name in names if name in state]
        for name in names if there else ():
            state.setdefault(name, state[there[0]])
