"""PyTorch models against the recorded outputs and gradients."""

import numpy as np
import pytest
import torch
from tests.golden_data import TOLERANCE, Recorded, assert_close, leaves, model_folders, read

import formers

FOLDERS = model_folders()


@pytest.fixture(scope="module", params=FOLDERS)
def recorded(request):
    return Recorded(request.param)


def load(recorded, **kwargs):
    return getattr(formers, recorded.cls).from_pretrained(recorded.path, **kwargs)


def test_outputs(recorded):
    model = load(recorded)
    assert not model.training
    results = {}
    for case in recorded.cases:
        if case["mode"] == "eval":
            with torch.no_grad():
                output = results[case["name"]] = model(**recorded.arguments(case, torch.from_numpy, results))
            assert_close(leaves(output), recorded.expected(case))


def test_gradients(recorded):
    model = load(recorded).train()
    (case,) = [case for case in recorded.cases if case["mode"] == "train"]
    output = model(**recorded.arguments(case, torch.from_numpy))
    differentiated = {
        "out.0": lambda: output[0],
        "mean(out.0)": lambda: output[0].mean(),
        "mean(out.0**2)": lambda: (output[0] ** 2).mean(),
    }
    value = differentiated[case["loss_is"]]()
    value.backward()
    assert value.item() == pytest.approx(case["loss"], rel=TOLERANCE, abs=TOLERANCE)
    gradients = {name: parameter.grad for name, parameter in model.named_parameters()}
    norms = {name: 0.0 if grad is None else grad.double().norm().item() for name, grad in gradients.items()}
    expected = {name: norm or 0.0 for name, norm in case["grad_norms"].items()}
    assert norms.keys() == expected.keys()
    for name, norm in expected.items():
        assert norms[name] == pytest.approx(norm, rel=TOLERANCE, abs=TOLERANCE), name


def test_newly_initialised_weights_have_the_recorded_statistics(recorded):
    """Mean and std of new weights agree with the recorded draw, within what a draw of that size allows."""
    model = getattr(formers, recorded.cls)(getattr(formers, recorded.cls).config_class.from_pretrained(recorded.path))
    statistics = read(f"models/{recorded.path.name}/info.json")["init_mean_std"]
    fresh = model.state_dict()
    for name, (mean, std) in statistics.items():
        values = fresh[name].numpy()
        spread = 6 * max(std, 1e-12) / np.sqrt(values.size)
        assert abs(values.mean() - mean) <= 2 * spread, name
        assert abs(values.std() - std) <= 2 * spread, name


WITH_FILES = [folder for folder in FOLDERS if (Recorded(folder).path / "pytorch_model.bin").exists()]


@pytest.mark.parametrize("folder", WITH_FILES)
@pytest.mark.parametrize("file", ["pytorch_model.bin", "pytorch_model.legacy.bin", "tf_model.h5"])
def test_files_of_the_original(folder, file, tmp_path):
    """Files that the original wrote give the recorded outputs."""
    recorded = Recorded(folder)
    if not (recorded.path / file).exists():
        pytest.skip(f"the original wrote no {file} of this class")
    name = "tf_model.h5" if file.endswith(".h5") else "pytorch_model.bin"
    (tmp_path / name).symlink_to(recorded.path / file)
    (tmp_path / "config.json").symlink_to(recorded.path / "config.json")
    case = recorded.cases[0]
    for options in [{}, {"from_tf": True}] if file.endswith(".h5") else [{}]:
        model, info = getattr(formers, recorded.cls).from_pretrained(tmp_path, output_loading_info=True, **options)
        assert info["initialized_keys"] == info["unexpected_keys"] == []
        with torch.no_grad():
            assert_close(leaves(model(**recorded.arguments(case, torch.from_numpy))), recorded.expected(case))


@pytest.mark.parametrize("format", ["safetensors", "bin", "h5"])
def test_save_and_load(recorded, format, tmp_path):
    model = load(recorded)
    model.save_pretrained(tmp_path, format=format)
    again, info = type(model).from_pretrained(tmp_path, output_loading_info=True)
    assert info["initialized_keys"] == info["unexpected_keys"] == []
    saved, loaded = model.state_dict(), again.state_dict()
    assert saved.keys() == loaded.keys()
    assert all(torch.equal(saved[name], loaded[name]) for name in saved)
