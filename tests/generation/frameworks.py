"""The frameworks that the tests of generation run in: the same models, from the same files."""

from importlib.util import find_spec
from typing import Any

import pytest
import torch

import formers


class PyTorch:
    """Generation with PyTorch."""

    name = "torch"
    prefix = ""

    def tensor(self, values: Any) -> Any:
        return torch.tensor(values)

    def load(self, cls: str, folder: Any) -> Any:
        return getattr(formers, cls).from_pretrained(folder).eval()

    def numbers(self, seed: int) -> Any:
        """Random numbers of one's own."""
        return torch.Generator().manual_seed(seed)

    def set_seed(self, seed: int) -> None:
        """Begin the global random numbers."""
        torch.manual_seed(seed)


class Keras:
    """Generation with Keras on TensorFlow."""

    name = "keras"
    prefix = "TF"

    def tensor(self, values: Any) -> Any:
        import tensorflow as tf

        return tf.constant(values, tf.int32)

    def load(self, cls: str, folder: Any) -> Any:
        return getattr(formers, f"TF{cls}").from_pretrained(folder)

    def numbers(self, seed: int) -> Any:
        """Random numbers of one's own."""
        import keras

        return keras.random.SeedGenerator(seed)

    def set_seed(self, seed: int) -> None:
        """Begin the global random numbers."""
        import tensorflow as tf

        tf.random.set_seed(seed)


without_tensorflow = pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
FRAMEWORKS = {"torch": PyTorch(), "keras": Keras()}


def parameters(torch: Any, keras: Any) -> list[Any]:
    """Pairs of a framework and one of its values, as parameters of a test."""
    marks = {"torch": (), "keras": without_tensorflow}
    return [
        pytest.param(FRAMEWORKS[framework], value, id=f"{framework}-{_label(value)}", marks=marks[framework])
        for framework, values in (("torch", torch), ("keras", keras))
        for value in values
    ]


def _label(value: Any) -> str:
    return "-".join(value) if isinstance(value, tuple) else str(value)


def listed(ids: Any) -> list[list[int]]:
    """The ids of a tensor."""
    return ids.numpy().tolist()
