import subprocess
import sys

import pytest

from formers import frameworks


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.delenv("USE_TF", raising=False)
    monkeypatch.delenv("USE_TORCH", raising=False)


def test_what_is_installed(monkeypatch):
    assert frameworks.is_installed("json") and not frameworks.is_installed("no_such_package")
    monkeypatch.setitem(sys.modules, "module_without_spec", sys)
    monkeypatch.setattr(sys, "__spec__", None)
    assert not frameworks.is_installed("module_without_spec")


def test_require_names_the_extra(monkeypatch):
    monkeypatch.setattr(frameworks, "is_installed", lambda package: False)
    with pytest.raises(ImportError, match=r"'torch', which is not installed: run `pip install 'formers\[torch\]'`"):
        frameworks.require("torch")
    with pytest.raises(ImportError, match="pip install 'nothing_of_ours'"):
        frameworks.require("nothing_of_ours")

    @frameworks.torch_required
    def needs_torch(x):
        return x

    with pytest.raises(ImportError):
        needs_torch(1)
    monkeypatch.setattr(frameworks, "is_installed", lambda package: True)
    assert needs_torch(1) == 1
    assert needs_torch.__name__ == "needs_torch"


@pytest.mark.parametrize(
    ("variables", "torch", "tf"),
    [
        ({}, True, True),
        ({"USE_TF": "YES"}, False, True),
        ({"USE_TORCH": "1"}, True, False),
        ({"USE_TORCH": "0"}, False, True),
        ({"USE_TF": "NO"}, True, False),
        ({"USE_TF": "1", "USE_TORCH": "1"}, True, True),
    ],
)
def test_variables(variables, torch, tf, monkeypatch):
    monkeypatch.setattr(frameworks, "is_installed", lambda package: True)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (frameworks.is_torch_available(), frameworks.is_tf_available()) == (torch, tf)


def test_asking_imports_nothing():
    code = (
        "import sys, formers as f; f.is_torch_available(), f.is_tf_available(), f.is_apex_available(), "
        "f.is_psutil_available(), f.is_py3nvml_available(), f.is_torch_tpu_available(), f.BertConfig(), f.ModelCard(); "
        "f.WEIGHTS_NAME, f.TRANSFORMERS_CACHE, f.cached_path; "
        "assert not {'torch', 'tensorflow', 'keras', 'huggingface_hub', 'h5py'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
