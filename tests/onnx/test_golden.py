"""Graphs for ONNX Runtime against the recorded outputs, for every class of the registry that the backend computes."""

import pytest
from tests import tiny
from tests.golden_data import Recorded, assert_close, leaves, model_folders

from formers.backends.onnx import OnnxModel
from formers.backends.onnx.model import LOSSES

FOLDERS = model_folders()
# All classes of these are computed, whatever else is.
WHOLE = ("bert", "roberta", "distilbert")


def kind_of(name):
    family = tiny.family_of(name)
    return next(public.kinds[0] for public in family.public if public.name == name and public.kinds)


def load(recorded):
    """The model of a recording; None if the backend says that it does not compute such models."""
    try:
        return OnnxModel.from_pretrained(recorded.path, task=kind_of(recorded.cls))
    except ValueError as error:
        pair = tiny.model_type_of(recorded.cls) == "encoder-decoder"  # of two families, as the configuration says
        assert ("has no architecture of its own" if pair else "the ONNX backend cannot run") in str(error)
        return None


@pytest.mark.parametrize("folder", FOLDERS)
def test_outputs(folder):
    recorded = Recorded(folder)
    model = load(recorded)
    if model is None:
        assert tiny.model_type_of(recorded.cls) not in WHOLE
        pytest.skip("refused")
    checked = 0
    for case in recorded.cases:
        if case["mode"] != "eval":
            continue
        arguments = recorded.arguments(case, lambda array: array)
        labels = {name: arguments.pop(name) for name in LOSSES if name in arguments}
        expected = recorded.expected(case)
        got = leaves(model(**arguments))
        if labels:  # which the backend refuses: the losses come first
            with pytest.raises(ValueError, match="computes no losses"):
                model(**arguments, **labels)
            expected = expected[len(expected) - len(got) :]
        assert_close(got, expected)
        checked += 1
    assert checked
