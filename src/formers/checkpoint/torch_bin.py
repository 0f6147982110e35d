"""`pytorch_model.bin`: a state dictionary written by `torch.save`.

The format is a pickle, and a pickle can run any code. It is only ever read with `weights_only=True`, which rebuilds
tensors and plain containers and refuses everything else.
"""

from __future__ import annotations

import os
import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formers.checkpoint.base import Checkpoint, CheckpointError, Framework, to_numpy
from formers.files import replacing
from formers.frameworks import require

WEIGHTS_NAME = "pytorch_model.bin"


class TorchCheckpoint(Checkpoint):
    """A file of `torch.save`: the zip format (memory-mapped), or the older plain one.

    Args:
        path: The file.

    Raises:
        CheckpointError: If it is damaged, would run code, or holds something else than a state dictionary.
        ImportError: If PyTorch is not installed.
    """

    format = "torch"

    def __init__(self, path: Path) -> None:
        require("torch")
        import torch

        is_zip = zipfile.is_zipfile(path)
        if not is_zip and _begins_as_zip(path):
            raise CheckpointError(f"{path} ({path.stat().st_size} bytes) is cut off: download or save it again")
        try:
            # Only the zip format can be mapped; there `mmap` keeps the tensors on disk until they are used.
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=is_zip)
        except pickle.UnpicklingError as error:
            raise CheckpointError(
                f"{path} is refused: it is damaged, or holds more than tensors and could run code when loaded "
                f"({_first_line(error)}). Take a `model.safetensors` of this model instead, from a source you trust."
            ) from error
        except (OSError, RuntimeError, EOFError, ValueError, KeyError, IndexError, AttributeError, TypeError) as error:
            raise CheckpointError(
                f"{path} ({path.stat().st_size} bytes) cannot be read as a file of torch.save: {_first_line(error)}. "
                "Download or save it again."
            ) from error
        super().__init__(path, _state_dict(content, path))

    def _shape(self, handle: Any) -> tuple[int, ...]:
        return tuple(handle.shape)

    def _read(self, handle: Any, framework: Framework) -> Any:
        return handle.detach() if framework == "torch" else to_numpy(handle)


def _begins_as_zip(path: Path) -> bool:
    with open(path, "rb") as file:
        return file.read(4) == b"PK\x03\x04"


def _state_dict(content: Any, path: Path) -> Mapping[str, Any]:
    import torch

    if not isinstance(content, Mapping):
        raise CheckpointError(f"{path} holds a {type(content).__name__}, and a dictionary of tensors was expected")
    for name, value in content.items():
        if not isinstance(name, str) or not isinstance(value, torch.Tensor):
            raise CheckpointError(
                f"{path} is not a plain state dictionary: its entry {name!r} is a {type(value).__name__}. Save what "
                "`model.state_dict()` gives."
            )
    return content


def _first_line(error: Exception) -> str:
    """Return the reason without torch's advice to switch the protection off."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    telling = ("WeightsUnpickler error", "Unsupported", "Trying to load unsupported")
    reasons = [line for line in lines if line.startswith(telling)]
    return (reasons or lines or [type(error).__name__])[0]


def write_torch_bin(path: str | os.PathLike[str], tensors: Mapping[str, Any]) -> None:
    """Write a state dictionary in torch's zip format, atomically.

    Args:
        path: The file to create or replace.
        tensors: Name -> `torch.Tensor` (any device) or `numpy.ndarray`. Tied weights are stored once.

    Raises:
        ImportError: If PyTorch is not installed.
    """
    require("torch")
    import torch

    from formers.checkpoint.base import from_numpy

    state = OrderedDict()
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu() if isinstance(tensor, torch.Tensor) else from_numpy(tensor, "torch")
        # A view of something larger, such as a memory map, would be written with all of it.
        whole = tensor.numel() * tensor.element_size() == tensor.untyped_storage().nbytes()
        state[name] = tensor if whole else tensor.clone()
    with replacing(path) as part:
        torch.save(state, part)
