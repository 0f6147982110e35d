"""The bridge between a model's parameter names and the hub's: what `state_dict` gives and `load_state_dict` takes.

Inside, modules bear the project's words; whatever leaves a model as a state dict bears the hub's names, and both are
taken back. Old scripts that save, filter or load state dicts by name therefore keep working.
"""
from typing import TYPE_CHECKING, Any

from torch import Tensor, nn

from .fixed import FixedWeight

if TYPE_CHECKING:
    from .model import PreTrainedModel


def checkpoint_names(model: nn.Module) -> dict[str, str]:
    """Parameter and buffer names of a model -> names in the hub's checkpoint files.

    Tied parameters appear under each of their names.
    """
    names = [name for name, _ in model.named_parameters(remove_duplicate=False)]
    buffers = [name for name, _ in model.named_buffers(remove_duplicate=False)]
    saved = set(buffers) & _persistent_buffers(model)
    modules = model.named_modules(remove_duplicate=False)
    names += [f"{path}.weight" for path, module in modules if isinstance(module, FixedWeight)]
    return {name: hub_name(model, name) for name in names + [name for name in buffers if name in saved]}


def hub_name(model: nn.Module, name: str) -> str:
    """The hub's name of one parameter of a model."""
    owner, prefix = _owner(model, name)
    if owner is None:
        return name
    own = name[len(prefix) :]
    hub = owner.names.base_to_hub(own) if owner.holds_base else None
    return prefix + (hub or owner.names.head_to_hub(own))


def is_transposed(model: nn.Module, name: str) -> bool:
    """Whether checkpoint files hold a parameter of a model as its transpose."""
    owner, prefix = _owner(model, name)
    return owner is not None and owner.holds_base and owner.names.is_transposed(name[len(prefix) :])


def register_name_hooks(model: "PreTrainedModel") -> None:
    """Make `state_dict` give, and `load_state_dict` take, the hub's names."""
    model.register_state_dict_post_hook(_rename_for_hub)
    model.register_load_state_dict_pre_hook(_accept_hub_names)


def _owner(model: nn.Module, name: str) -> "tuple[PreTrainedModel | None, str]":
    """The innermost pretrained model on the path to a parameter, and its prefix."""
    from .model import PreTrainedModel

    owner = model if isinstance(model, PreTrainedModel) else None
    prefix, module, start = "", model, 0
    parts = name.split(".")
    for place, part in enumerate(parts[:-1], 1):
        module = getattr(module, part)
        if isinstance(module, PreTrainedModel):
            owner, start = module, place
    prefix = "".join(f"{part}." for part in parts[:start])
    return owner, prefix


def _own_names(model: "PreTrainedModel") -> dict[str, str]:
    """Names of the parameters that no nested pretrained model owns -> hub's names."""
    return {name: hub for name, hub in checkpoint_names(model).items() if _owner(model, name)[0] is model}


def _persistent_buffers(model: nn.Module) -> set[str]:
    return {
        f"{prefix}.{name}" if prefix else name
        for prefix, module in model.named_modules(remove_duplicate=False)
        for name in module._buffers
        if name not in module._non_persistent_buffers_set
    }


def _rename_for_hub(model: Any, state: dict[str, Tensor], prefix: str, metadata: Any) -> None:
    for name, hub in _own_names(model).items():
        if prefix + name in state:
            tensor = state.pop(prefix + name)
            state[prefix + hub] = tensor.t() if is_transposed(model, name) else tensor


def _accept_hub_names(model: Any, state: dict[str, Tensor], prefix: str, *args: Any) -> None:
    _repeat_tied(model, state, prefix)
    names = _own_names(model)
    for name, hub in names.items():
        for candidate in (hub, *_old_spellings(hub)):
            if prefix + candidate in state and candidate not in names.keys() - {name}:
                tensor = state.pop(prefix + candidate)
                state[prefix + name] = tensor.t() if is_transposed(model, name) else tensor
                break
    for key in [key for key in state if key.startswith(prefix) and model.names.is_ignored(key[len(prefix) :])]:
        del state[key]


def _repeat_tied(model: nn.Module, state: dict[str, Tensor], prefix: str) -> None:
    """Give a state dict the names of tied parameters that it lacks: safetensors files hold these once."""
    hub = checkpoint_names(model)
    tied: dict[int, list[str]] = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        tied.setdefault(id(parameter), []).append(name)
    for names in tied.values():
        keys = {name: [prefix + key for key in (hub[name], name) if prefix + key in state] for name in names}
        there = [key for found in keys.values() for key in found]
        for name in names if there else ():
            if not keys[name]:
                state[prefix + hub[name]] = state[there[0]]


def _old_spellings(hub: str) -> tuple[str, ...]:
    """Names of a layer norm's scale and shift in files from before PyTorch's own module."""
    if hub.endswith("LayerNorm.weight"):
        return (hub.removesuffix("weight") + "gamma",)
    return (hub.removesuffix("bias") + "beta",) if hub.endswith("LayerNorm.bias") else ()
