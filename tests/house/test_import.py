"""`import formers` is light, and a name that needs a missing framework says which extra brings it."""

import subprocess
import sys
import time

import pytest

import formers

HEAVY = ("torch", "tensorflow", "keras", "jax", "transformers", "sklearn", "scipy")


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    "statement", ["import formers", "from formers import pipeline", "import formers.tokenization, formers.pipelines"]
)
def test_import_loads_no_framework(statement):
    found = run_python(f"{statement}\nimport sys\nprint([m for m in {HEAVY!r} if m in sys.modules])")
    assert found == "[]"


def test_import_is_quick():
    # The time of the processor inside the process: neither the interpreter's start nor a busy machine counts.
    code = "import time; t = time.process_time(); from formers import pipeline; print(time.process_time() - t)"
    run_python(code)  # writes the byte code
    assert min(float(run_python(code)) for _ in range(3)) < 0.2


def test_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="NoSuchName"):
        _ = formers.NoSuchName
    with pytest.raises(ImportError, match="NoSuchName"):
        from formers import NoSuchName  # noqa: F401


@pytest.mark.parametrize("use", ["BertModel", "AutoModel.from_config(formers.BertConfig())", "PreTrainedModel"])
def test_missing_framework_names_the_extra(use):
    code = (
        "import sys; sys.modules['torch'] = None\n"  # what the import system sees when it is not installed
        "import formers\n"
        f"try:\n    formers.{use}\nexcept ImportError as error:\n    print(error)\n"
    )
    said = run_python(code)
    assert "pip install 'formers[torch]'" in said
    assert "Model needs 'torch', which is not installed" in said


def test_star_import_serves_what_is_installed():
    code = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from formers import *\n"
        "print(BertConfig.__name__, BertModel.__name__, 'TFBertModel' in globals())"
    )
    assert run_python(code) == "BertConfig BertModel False"


def test_every_public_name_resolves():
    broken = []
    start = time.perf_counter()
    for name in dir(formers):
        try:
            getattr(formers, name)
        except ImportError as error:
            if "pip install formers[" not in str(error):
                broken.append(f"{name}: {error}")
        except AttributeError as error:
            broken.append(f"{name}: {error}")
    assert broken == [], time.perf_counter() - start
