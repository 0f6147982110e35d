"""`tf_model.h5`: weights as Keras 2 keeps them in an HDF5 file, read and written without TensorFlow.

The file has an attribute `layer_names`, a group for each layer with an attribute `weight_names`, and a dataset for
each weight. HDF5 can also point to other files (external links, external and virtual datasets); a file that does is
refused, because loading a model must not read anything else.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from formers.architecture.keras_names import KerasLayout, is_row, is_transposed, torch_name
from formers.checkpoint.base import Checkpoint, CheckpointError, Framework, from_numpy, to_numpy
from formers.files import replacing
from formers.frameworks import require

TF2_WEIGHTS_NAME = "tf_model.h5"

# HDF5 keeps attributes in an object header of 64 KiB; Keras splits longer lists of names at this size.
_ATTRIBUTE_BYTES = 64512
# No filter of HDF5 makes data smaller than this; a dataset that claims more would only fill the memory.
_LARGEST_COMPRESSION = 1100


class KerasCheckpoint(Checkpoint):
    """A Keras 2 weights file; names and layout are translated to PyTorch's.

    Args:
        path: The file.

    Raises:
        CheckpointError: If it is damaged, has another layout, or points to other files.
        ImportError: If h5py is not installed.
    """

    format = "keras"

    def __init__(self, path: Path) -> None:
        require("h5py")
        import h5py

        try:
            self._file = h5py.File(path, "r")
        except OSError as error:
            raise CheckpointError(
                f"{path} ({path.stat().st_size} bytes) is not a complete HDF5 file: {error}. Download or save it again."
            ) from error
        try:
            super().__init__(path, _variables(self._file, path))
        except BaseException:
            self._file.close()
            raise

    def _shape(self, handle: tuple[str, Any]) -> tuple[int, ...]:
        variable, dataset = handle
        shape = tuple(dataset.shape)
        if is_transposed(variable):
            return shape[::-1]
        return shape[1:] if is_row(variable, shape) else shape

    def _read(self, handle: tuple[str, Any], framework: Framework) -> Any:
        variable, dataset = handle
        try:
            array = dataset[()]
        except (OSError, RuntimeError) as error:
            raise CheckpointError(f"{self.path} is damaged at {variable!r}: {error}") from error
        array = array.astype(dataset.dtype.newbyteorder("="), copy=False)  # files of big-endian machines
        array = (array.T if is_transposed(variable) else array).reshape(self._shape(handle))
        return from_numpy(array, framework)

    def close(self) -> None:
        """Close the file. Tensors that were read stay valid."""
        super().close()
        self._file.close()


def _variables(file: Any, path: Path) -> dict[str, tuple[str, Any]]:
    """Return the hub's name -> Keras's name and the dataset, of every weight."""
    if "layer_names" not in file.attrs and "layer_names0" not in file.attrs and _is_group(file, "model_weights", path):
        file = file["model_weights"]  # a whole model was saved, not just its weights
    layers = _names(file, "layer_names")
    if layers is None:
        raise CheckpointError(
            f"{path} is not a weights file of Keras 2: it has no attribute 'layer_names' (its top level holds "
            f"{', '.join(sorted(file)[:10]) or 'nothing'}). Save the model with `save_pretrained`."
        )
    found: dict[str, tuple[str, Any]] = {}
    for layer in layers:
        group = _step(file, layer, path)
        for variable in _names(group, "weight_names") or []:
            dataset = group
            for part in variable.split("/"):
                dataset = _step(dataset, part, path)
            _check_dataset(dataset, variable, path)
            # Tied weights are listed again in the layers that use them: the first one counts.
            found.setdefault(torch_name(variable), (variable, dataset))
    return found


def _is_group(file: Any, name: str, path: Path) -> bool:
    return name in file and bool(_step(file, name, path))


def _step(group: Any, name: str, path: Path) -> Any:
    """Return a member of a group, if it is really inside of the file."""
    import h5py

    link = group.get(name, getlink=True) if isinstance(group, h5py.Group) else None
    if link is None:
        raise CheckpointError(f"{path} is damaged: it lists {name!r}, and has no such part")
    if not isinstance(link, h5py.HardLink):
        raise CheckpointError(f"{path} is refused: its part {name!r} is a link to another place or file")
    return group[name]


def _check_dataset(dataset: Any, variable: str, path: Path) -> None:
    import h5py

    if not isinstance(dataset, h5py.Dataset):
        raise CheckpointError(f"{path} is damaged: {variable!r} is a group, and an array was expected")
    if dataset.external or dataset.is_virtual:
        raise CheckpointError(f"{path} is refused: the data of {variable!r} is in another file")
    if dataset.dtype.kind not in "fiub":
        raise CheckpointError(f"{path}: {variable!r} has dtype {dataset.dtype}, and numbers were expected")
    if dataset.nbytes > _LARGEST_COMPRESSION * max(dataset.id.get_storage_size(), 1):
        raise CheckpointError(f"{path} is damaged: {variable!r} has shape {dataset.shape}, more than the file holds")


def _names(group: Any, attribute: str) -> list[str] | None:
    """Return a list of names in an attribute, or in several numbered ones; None if there is none."""
    if attribute in group.attrs:
        values = list(group.attrs[attribute])
    elif f"{attribute}0" in group.attrs:
        values, i = [], 0
        while f"{attribute}{i}" in group.attrs:
            values.extend(group.attrs[f"{attribute}{i}"])
            i += 1
    else:
        return None
    return [value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value) for value in values]


def write_keras_h5(
    path: str | os.PathLike[str], class_name: str, tensors: Mapping[str, Any], layout: KerasLayout, prefix: str = ""
) -> None:
    """Write a `tf_model.h5` atomically, with the names and shapes that the TensorFlow class has.

    Args:
        path: The file to create or replace.
        class_name: The TensorFlow class, such as `"TFBertForMaskedLM"`.
        tensors: The hub's name -> `torch.Tensor` or `numpy.ndarray` in PyTorch's layout, in the order of the hub's
            PyTorch files. bfloat16, which HDF5 lacks, is written as float32.
        layout: What the names of the family do not tell.
        prefix: Put before all names: the base model's prefix (`"bert."`) where the class is the base model itself,
            whose PyTorch files do without.

    Raises:
        ImportError: If h5py is not installed.
    """
    require("h5py")
    import h5py

    tensors = {prefix + name: tensor for name, tensor in tensors.items()}
    tied = {name for name, first in layout.copies.items() if name in tensors and _same(tensors[name], tensors[first])}
    layers = layout.layers(class_name, {name: tuple(tensor.shape) for name, tensor in tensors.items()}, tied)
    with replacing(path) as part, h5py.File(part, "w") as file:
        _write_names(file, "layer_names", layers)
        file.attrs["backend"] = "tensorflow"
        file.attrs["keras_version"] = "2.4.0"
        for layer, variables in layers.items():
            group = file.create_group(layer)
            _write_names(group, "weight_names", variables)
            for variable, name in variables.items():
                array = to_numpy(tensors[name])
                if array.dtype.name == "bfloat16":
                    array = array.astype("float32")
                if is_transposed(variable):
                    array = array.T
                group.create_dataset(variable, data=array[None] if layout.is_row(name) else array)


def _same(one: Any, other: Any) -> bool:
    import numpy

    return one.shape == other.shape and numpy.array_equal(to_numpy(one), to_numpy(other))


def _write_names(group: Any, attribute: str, names: Mapping[str, Any]) -> None:
    import numpy

    values = numpy.array([name.encode() for name in names], dtype="S") if names else numpy.zeros(0)
    chunks = math.ceil(values.nbytes / _ATTRIBUTE_BYTES)
    if chunks <= 1:
        group.attrs[attribute] = values
        return
    step = _ATTRIBUTE_BYTES // values.itemsize
    for i, start in enumerate(range(0, len(values), step)):
        group.attrs[f"{attribute}{i}"] = values[start : start + step]
