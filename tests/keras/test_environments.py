"""Other backends of Keras, and no TensorFlow at all, in processes of their own."""

import os
import subprocess
import sys
from importlib.util import find_spec

import pytest

JAX = """
import sys
import jax
import numpy as np
import formers
from tests import tiny
from tests.golden_data import assert_close, leaves
from tests.keras.test_golden import CLASSES, RecordedTF

for cls in {tiny.model_type_of(cls): cls for cls in CLASSES}.values():  # of each family one
    recorded = RecordedTF(cls)
    model = getattr(formers, cls).from_pretrained(recorded.path)
    results = {}
    for case in recorded.cases:
        results[case["name"]] = output = recorded.call(model, case, results)
        assert isinstance(output[-1], jax.Array | tuple), type(output[-1])
        assert_close(leaves(output), recorded.expected(case))
ids = np.ones((2, 6), "int32")
model = formers.TFDistilBertForTokenClassification.from_pretrained(
    RecordedTF("TFDistilBertForTokenClassification").path
)
compiled = jax.jit(lambda ids: model({"input_ids": ids}))(ids)
assert compiled.keys() == ("logits",)
np.testing.assert_allclose(compiled.logits, model(ids).logits, atol=1e-5)
assert "tensorflow" not in sys.modules and "torch" not in sys.modules
"""

NO_TENSORFLOW = """
import sys

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("tensorflow", "keras", "jax"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nothing())
import formers

assert not formers.is_tf_available()
for name in ("TFBertModel", "TFPreTrainedModel", "TFDistilBertForQuestionAnswering"):
    try:
        getattr(formers, name)
    except ImportError as error:
        assert "formers[tf]" in str(error), error
    else:
        raise AssertionError(f"{name} is there")
model, info = formers.BertForPreTraining.from_pretrained(sys.argv[1], from_tf=True, output_loading_info=True)
assert info["initialized_keys"] == info["unexpected_keys"] == []
formers.load_tf2_checkpoint_in_pytorch_model(model, sys.argv[1] + "/tf_model.h5")
try:
    formers.load_pytorch_model_in_tf2_model(None, model)
except ImportError as error:
    assert "formers[tf]" in str(error), error
"""


def run(code, *arguments, **environment):
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.mark.skipif(find_spec("jax") is None, reason="jax is not installed")
def test_the_forward_pass_on_jax():
    run(JAX, KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")


def test_everything_else_works_without_tensorflow(tmp_path):
    from tests.golden_data import GOLDEN

    source = GOLDEN / "models" / "BertForPreTraining"
    for name in ("tf_model.h5", "config.json"):
        (tmp_path / name).symlink_to(source / name)
    run(NO_TENSORFLOW, str(tmp_path))
