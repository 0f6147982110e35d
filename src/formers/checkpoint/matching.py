"""Which tensor of a checkpoint belongs to which weight of a model, and the report of what is left over.

No framework is needed here: weights and tensors are names and shapes.
"""
from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formers.architecture.names import NameTable

logger = logging.getLogger(__name__)

SAFE_FILES = ("model.safetensors", "model.safetensors.index.json")
TORCH_FILES = ("pytorch_model.bin", "pytorch_model.bin.index.json")
TF_FILES = ("tf_model.h5", "model.ckpt.index")


@dataclass
class Report:
    """What a load left over, by the hub's names.

    Attributes:
        missing: weights of the model that the file has not.
        unexpected: tensors of the file that the model has not.
        mismatched: name -> shape in the file, shape in the model.
        initialized: the missing and mismatched weights that were newly initialised (no tied copy had one).
    """

    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    mismatched: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=dict)
    initialized: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def info(self) -> dict[str, list[str]]:
        """Return what `output_loading_info` gives."""
        return {
            "missing_keys": self.missing,
            "unexpected_keys": self.unexpected,
            "error_msgs": [],
            "initialized_keys": list(self.initialized),
        }

    def check_shapes(self, model: str, source: object, trainable: bool = True) -> None:
        """Raise if shapes differ.

        Args:
            model: name of its class.
            source: the file.
            trainable: weights may as well start afresh.

        Raises:
            RuntimeError: naming every weight with both shapes.
        """
        if not self.mismatched:
            return
        lines = [
            f"  size mismatch for {name}: the checkpoint has {_shape(theirs)}, the model {_shape(ours)}"
            for name, (theirs, ours) in self.mismatched.items()
        ]
        raise RuntimeError(
            "\n".join(
                [
                    f"Error(s) in loading state_dict for {model} from {source}:",
                    *lines,
                    "Change the config to fit (vocab_size, num_labels, ...)"
                    + (", or pass ignore_mismatched_sizes=True to start these weights afresh." if trainable else "."),
                ]
            )
        )

    def check_complete(self, model: str, source: object) -> None:
        """Raise if weights of the model were not there.

        Raises:
            AttributeError: naming them.
        """
        if self.initialized:
            names = ", ".join(f"{name} {_shape(shape)}" for name, shape in self.initialized.items())
            raise AttributeError(f"{model} needs weights that {source} lacks: {names}")

    def log(self, model: str, source: object) -> None:
        """Warn of weights that are random, and of tensors that are not used."""
        lines = []
        if self.initialized:
            lines.append(f"{len(self.initialized)} weights of the model are not in the file and are newly initialized:")
            lines += [f"  {name} {_shape(shape)}" for name, shape in self.initialized.items()]
            for name, (theirs, _) in self.mismatched.items():
                lines.append(f"  ({name} is there with the shape {_shape(theirs)})")
            lines.append("  Train the model on your task before you use it to predict.")
        wrapper = wrapper_of(self.unexpected)
        if self.initialized and wrapper is not None:
            lines.append(
                f"All names in the file begin with {wrapper[0]!r}, so none fits: it was saved of {wrapper[1]}. "
                f"Save the model inside (model.{wrapper[0]}save_pretrained), or pass a state_dict without the prefix"
            )
        elif self.unexpected:
            lines.append(f"{len(self.unexpected)} weights of the file are not used: {', '.join(self.unexpected)}")
        if lines:
            logger.warning("%s from %s:\n%s", model, source, "\n".join(lines))


def wrapper_of(names: Iterable[str]) -> tuple[str, str] | None:
    """Return the prefix that all names have of a wrapper around a model, and what the wrapper is; None without."""
    names = list(names)
    for prefix, wrapper in (("module.", "DataParallel"), ("_orig_mod.", "a compiled model")):
        if names and all(name.startswith(prefix) for name in names):
            return prefix, wrapper
    return None


def match(
    wanted: Mapping[str, str], found: Iterable[str], names: NameTable, prefix: str, has_base: bool, report: Report
) -> dict[str, str]:
    """Find the tensors of a model, with the base model's prefix added or taken away where the file differs.

    Args:
        wanted: the model's name of each of its weights -> the hub's name.
        found: names in the file.
        names: the family's table.
        prefix: attribute of the base model in models with heads; empty where families have none.
        has_base: this model carries its base model under that attribute (it is not the base model itself).
        report: where missing and unexpected names go.

    Returns:
        The model's names -> names in the file.
    """
    found = list(found)
    keys = set(found)
    dotted = f"{prefix}." if prefix else ""
    has_base = has_base and bool(dotted)
    has_prefix = bool(dotted) and any(key.startswith(dotted) for key in keys)
    of_interest = found
    if dotted and not has_base and has_prefix:  # a base model from a file with heads
        spelled = {name: dotted + hub for name, hub in wanted.items()}
        of_interest = [key for key in found if key.startswith(dotted)]
    elif has_base and not has_prefix:  # a model with heads from a file of its base
        spelled = {name: hub.removeprefix(dotted) for name, hub in wanted.items() if hub.startswith(dotted)}
    else:
        spelled = dict(wanted)
    sources = {name: key for name, key in spelled.items() if key in keys}
    used = set(sources.values())
    report.missing = [hub for name, hub in wanted.items() if name not in sources]
    report.unexpected = [
        key for key in of_interest if key not in used and not names.is_ignored(key.removeprefix(dotted))
    ]
    return sources


def weights_file(name: Any, candidates: Iterable[str], hub: Mapping[str, Any]) -> str:
    """Return the file of weights of a model.

    Args:
        name: a folder, a name on the hub, or the file itself.
        candidates: file names, the best first.
        hub: as in `formers.hub.find_file`.

    Raises:
        ValueError: there is no name.
        OSError: there is no file of weights.
    """
    from formers.checkpoint.opening import fetch_shards
    from formers.hub import find_file

    if name is None:
        raise ValueError("from_pretrained(None) needs state_dict and config: there is no file to read")
    path = os.fspath(name)
    if os.path.isfile(path):
        return path
    candidates = tuple(candidates)
    found = find_file(path, candidates, **hub)
    if found is None:
        there = f" It holds {', '.join(sorted(os.listdir(path)))}." if os.path.isdir(path) else ""
        raise OSError(f"{path} has no weights: expected one of {', '.join(candidates)}.{there}")
    if found.endswith(".index.json"):
        fetch_shards(path, found, **hub)
    return found


def _shape(shape: Iterable[int]) -> str:
    return f"[{', '.join(map(str, shape))}]"
