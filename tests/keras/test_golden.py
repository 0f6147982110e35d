"""Keras models against the outputs recorded from the original's TensorFlow classes."""
import h5py
import numpy as np
import pytest
from tests.golden_data import GOLDEN, Recorded, assert_close, leaves, read

import formers
from formers.architecture.keras_names import is_row

CLASSES = sorted(path.name for path in (GOLDEN / "models_tf").iterdir())


class RecordedTF(Recorded):
    """The recorded calls of one TensorFlow class, on weights and inputs of a PyTorch class."""

    def __init__(self, cls: str):
        folder = read(f"models_tf/{cls}/info.json")["weights_from"].partition("/")[2]
        super().__init__(folder)
        self.cls = cls
        self.outputs = np.load(GOLDEN / "models_tf" / cls / "outputs.npz")
        self.cases = [case for case in read(f"models_tf/{cls}/cases.json") if "error" not in case]

    def call(self, model, case, results=None):
        """The recorded call: tensors in one dict, flags by name."""
        arguments = self.arguments(case, lambda array: array, results)
        flags = {name: value for name, value in arguments.items() if isinstance(value, bool)}
        tensors = {name: arguments[name] for name in arguments if name not in flags}
        if self.cls.startswith("TFT5"):  # whose first argument bears another name
            tensors = {"inputs": tensors.pop("input_ids", None), **tensors}
        return model(tensors, training=False, **flags)


@pytest.mark.parametrize("cls", CLASSES)
def test_outputs(cls):
    recorded = RecordedTF(cls)
    model, info = getattr(formers, cls).from_pretrained(recorded.path, from_pt=True, output_loading_info=True)
    assert not any(info.values())
    assert recorded.cases
    results = {}
    for case in recorded.cases:
        results[case["name"]] = output = recorded.call(model, case, results)
        assert_close(leaves(output), recorded.expected(case))


WITH_FILE = [cls for cls in CLASSES if (RecordedTF(cls).path / "tf_model.h5").exists()]


@pytest.mark.parametrize("cls", WITH_FILE)
def test_files_of_the_original(cls, tmp_path):
    recorded = RecordedTF(cls)
    for name in ("tf_model.h5", "config.json"):
        (tmp_path / name).symlink_to(recorded.path / name)
    model, info = getattr(formers, cls).from_pretrained(tmp_path, output_loading_info=True)
    assert info["initialized_keys"] == info["unexpected_keys"] == []
    case = recorded.cases[0]
    assert_close(leaves(recorded.call(model, case)), recorded.expected(case))


@pytest.mark.parametrize("cls", WITH_FILE)
def test_our_file_is_the_original_s(cls, tmp_path):
    """The same layers with weights, and in them the same names in the same order, shapes and values."""
    recorded = RecordedTF(cls)
    model = getattr(formers, cls).from_pretrained(recorded.path)
    model.save_pretrained(tmp_path, format="h5")
    with h5py.File(recorded.path / "tf_model.h5") as theirs, h5py.File(tmp_path / "tf_model.h5") as ours:
        with_weights = [name for name in theirs.attrs["layer_names"] if len(theirs[name].attrs["weight_names"])]
        assert list(ours.attrs["layer_names"]) == with_weights
        for layer in with_weights:
            names = list(theirs[layer].attrs["weight_names"])
            assert list(ours[layer].attrs["weight_names"]) == names
            for name in names:
                np.testing.assert_array_equal(ours[layer][name], theirs[layer][name])


@pytest.mark.parametrize("cls", WITH_FILE)
def test_variables_bear_the_documented_names(cls):
    recorded = RecordedTF(cls)
    model = getattr(formers, cls)(getattr(formers, cls).config_class.from_pretrained(recorded.path))
    with h5py.File(recorded.path / "tf_model.h5") as theirs:
        names = {
            (name.decode(), _shape(name.decode(), theirs[layer][name].shape))
            for layer in theirs.attrs["layer_names"]
            for name in theirs[layer].attrs["weight_names"]
        }
    prefix = f"{model.name}/"
    ours = {(weight.path.removeprefix(prefix), tuple(weight.shape)) for weight in model.weights}
    assert ours == {(name.partition("/")[2].removesuffix(":0"), shape) for name, shape in names}


def _shape(name, shape):
    """The shape of a variable here: what the original kept as a matrix of one row is a vector."""
    return shape[1:] if is_row(name, shape) else shape
