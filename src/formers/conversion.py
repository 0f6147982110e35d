"""Weights from PyTorch models to Keras models and back, model to model or through a file.

Values pass through NumPy arrays in the layout of the hub's PyTorch files, so they arrive bit for bit.
"""
from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from formers.architecture.keras_names import is_row, is_transposed, torch_name
from formers.checkpoint import Checkpoint, open_checkpoint
from formers.checkpoint.given import GivenTensors
from formers.frameworks import tf_required, torch_required


def convert_tf_weight_name_to_pt_weight_name(tf_name: str, start_prefix_to_remove: str = "") -> tuple[str, bool]:
    """Return the name in PyTorch's files of a Keras variable.

    Args:
        tf_name: the variable's full name, such as `tf_bert_model/bert/pooler/dense/kernel:0`.
        start_prefix_to_remove: taken off the start of the result.

    Returns:
        The name, and whether PyTorch keeps the transpose.
    """
    return torch_name(tf_name).removeprefix(start_prefix_to_remove), is_transposed(tf_name)


@tf_required
def load_pytorch_checkpoint_in_tf2_model(
    tf_model: Any, pytorch_checkpoint_path: Any, tf_inputs: Any = None, allow_missing_keys: bool = False
) -> Any:
    """Fill a Keras model from a PyTorch file (`pytorch_model.bin` or safetensors).

    Args:
        tf_model: the model.
        pytorch_checkpoint_path: the file.
        tf_inputs: inputs to call the model with first, for classes that make weights only then.
        allow_missing_keys: let weights that the file lacks keep their values, instead of raising.

    Returns:
        The model.

    Raises:
        AttributeError: the file lacks weights of the model.
        RuntimeError: weights have other shapes.
    """
    with open_checkpoint(pytorch_checkpoint_path) as checkpoint:
        return _fill_keras(tf_model, checkpoint, tf_inputs, allow_missing_keys)


@tf_required
def load_pytorch_model_in_tf2_model(
    tf_model: Any, pt_model: Any, tf_inputs: Any = None, allow_missing_keys: bool = False
) -> Any:
    """Fill a Keras model from a PyTorch model; see `load_pytorch_checkpoint_in_tf2_model`."""
    return load_pytorch_weights_in_tf2_model(tf_model, pt_model.state_dict(), tf_inputs, allow_missing_keys)


@tf_required
def load_pytorch_weights_in_tf2_model(
    tf_model: Any, pt_state_dict: Mapping[str, Any], tf_inputs: Any = None, allow_missing_keys: bool = False
) -> Any:
    """Fill a Keras model from a state dict; see `load_pytorch_checkpoint_in_tf2_model`."""
    return _fill_keras(tf_model, GivenTensors(pt_state_dict), tf_inputs, allow_missing_keys)


@torch_required
def load_tf2_checkpoint_in_pytorch_model(
    pt_model: Any, tf_checkpoint_path: Any, tf_inputs: Any = None, allow_missing_keys: bool = False
) -> Any:
    """Fill a PyTorch model from a `tf_model.h5`; TensorFlow is not needed.

    Args:
        pt_model: the model.
        tf_checkpoint_path: the file.
        tf_inputs: not used: the file tells all names and shapes.
        allow_missing_keys: let weights that the file lacks keep their values, instead of raising.

    Returns:
        The model.

    Raises:
        AttributeError: the file lacks weights of the model.
        RuntimeError: weights have other shapes.
    """
    with open_checkpoint(tf_checkpoint_path) as checkpoint:
        return _fill_torch(pt_model, checkpoint, allow_missing_keys)


@torch_required
def load_tf2_model_in_pytorch_model(pt_model: Any, tf_model: Any, allow_missing_keys: bool = False) -> Any:
    """Fill a PyTorch model from a Keras model; see `load_tf2_checkpoint_in_pytorch_model`."""
    return load_tf2_weights_in_pytorch_model(pt_model, tf_model.weights, allow_missing_keys)


@torch_required
def load_tf2_weights_in_pytorch_model(
    pt_model: Any, tf_weights: Iterable[Any], allow_missing_keys: bool = False
) -> Any:
    """Fill a PyTorch model from Keras variables with their full names.

    See `load_tf2_checkpoint_in_pytorch_model`.
    """
    return _fill_torch(pt_model, GivenTensors(dict(map(_named_array, tf_weights))), allow_missing_keys)


def _named_array(variable: Any) -> tuple[str, Any]:
    """Return the hub's name of a variable, and its values in the layout of PyTorch's files."""
    import numpy as np

    name = getattr(variable, "path", variable.name)
    array = np.asarray(variable.numpy() if hasattr(variable, "numpy") else variable)
    if is_transposed(name):
        array = array.T
    elif is_row(name, array.shape):
        array = array[0]
    return torch_name(name), np.ascontiguousarray(array)


def _fill_keras(model: Any, checkpoint: Checkpoint, inputs: Any, allow_missing: bool) -> Any:
    from formers.backends.keras.loading import build, load

    build(model, inputs)
    report = load(model, checkpoint)
    if not allow_missing:
        report.check_complete(type(model).__name__, checkpoint.path)
    return model


def _fill_torch(model: Any, checkpoint: Checkpoint, allow_missing: bool) -> Any:
    from formers.backends.torch.loading import load

    report = load(model, checkpoint, model.dtype)
    if not allow_missing:
        report.check_complete(type(model).__name__, checkpoint.path)
    return model
