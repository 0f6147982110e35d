"""What tests of models from inside share: tiny models of every class of the registry, their modules, comparisons."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from tests import tiny
from tests.golden_data import leaves
from torch import Tensor, nn

CLASSES = tiny.torch_classes()
# A model made of two models has their insides.
OF_ONE_PART = [name for name in CLASSES if not hasattr(tiny.config(name), "encoder")]
# One class for each family: the one whose golden models come first.
ONE_OF_EACH = list({tiny.model_type_of(name): name for name in reversed(OF_ONE_PART)}.values())
# Lists of modules, which compute nothing, and losses, which only compute with labels.
NEVER_CALLED = (nn.ModuleList, nn.CrossEntropyLoss)
LENGTH = 7


def inputs_of(name: str, **options: Any) -> dict[str, Tensor]:
    """Inputs of a class; of classes that read an encoder's states, these too."""
    inputs = tiny.tensors(tiny.inputs(name, **{"length": LENGTH, **options}))
    if takes_encoder_states(name):
        hidden = tiny.config(name).hidden_size
        rows = inputs["input_ids"].shape[0]
        generator = torch.Generator().manual_seed(3)
        inputs["encoder_hidden_states"] = torch.randn(rows, 4, hidden, generator=generator)
    return inputs


def takes_encoder_states(name: str) -> bool:
    """Whether a class is a decoder that may attend to an encoder outside of it."""
    config = tiny.config(name)
    return bool(config.is_decoder) and "encoder_hidden_states" in tiny.arguments(name)


def close(ours: Any, theirs: Any) -> None:
    """Compare outputs within 1e-5."""
    ours, theirs = leaves(ours), leaves(theirs)
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(torch.from_numpy(one), torch.from_numpy(other), rtol=1e-5, atol=1e-5)


def differ(ours: Any, theirs: Any) -> bool:
    """Whether two tensors differ visibly."""
    return ours.shape != theirs.shape or bool((ours - theirs).abs().max() > 1e-3)


def parts(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Path and module of all that computes below a model, each once."""
    return [(path, module) for path, module in model.named_modules() if path and not isinstance(module, NEVER_CALLED)]


def containers(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Those of `parts` that are documented modules of the library with modules in them."""
    found = [(path, module) for path, module in parts(model) if type(module).__module__.startswith("formers.")]
    return [(path, module) for path, module in found if any(True for _ in module.children())]


def lists_of_layers(model: nn.Module) -> list[tuple[str, nn.ModuleList]]:
    """Path and list of the layers of each stack: the lists of modules that are not inside another one."""
    found = [(path, module) for path, module in model.named_modules() if isinstance(module, nn.ModuleList)]
    return [(path, layers) for path, layers in found if not any(part.isdigit() for part in path.split("."))]


def replace(model: nn.Module, path: str, new: nn.Module) -> None:
    """Put another module at a path, and at all others where the same module is."""
    old = model.get_submodule(path)
    for place, module in list(model.named_modules(remove_duplicate=False)):
        if module is old:
            owner, _, name = place.rpartition(".")
            setattr(model.get_submodule(owner), name, new)


@contextmanager
def hooked(model: nn.Module, hook: Any, *, only: Any = None) -> Iterator[None]:
    """Inside, a forward hook is on all parts of a model, or on those that `only` picks; it gets the path first."""

    def bound(path: str) -> Any:
        return lambda *args: hook(path, *args)

    handles = [
        module.register_forward_hook(bound(path), with_kwargs=True)
        for path, module in parts(model)
        if only is None or only(module)
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
