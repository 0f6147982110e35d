import inspect

import numpy as np
import pytest

from formers.architecture import Task
from formers.architecture.sinusoids import sinusoids
from formers.calling import bind, documented_signature

NAMES = ("input_ids", "attention_mask", "labels")


def test_arguments_are_bound_by_place_and_name():
    assert bind("Model", NAMES, (1, 2), {"labels": 3}, {}) == {"input_ids": 1, "attention_mask": 2, "labels": 3}
    assert bind("Model", NAMES, (), {}, {}) == {}
    with pytest.warns(FutureWarning, match="Model: the argument 'lm_labels' is deprecated, use 'labels'"):
        assert bind("Model", NAMES, (), {"lm_labels": 3}, {"lm_labels": "labels"}) == {"labels": 3}


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((1, 2, 3, 4), {}, "Model takes 3 arguments, found 4: input_ids, attention_mask, labels"),
        ((1,), {"input_ids": 2}, "Model got two values for 'input_ids'"),
        ((), {"mask": 2}, "Model has no argument 'mask'; it takes input_ids, attention_mask, labels"),
    ],
)
def test_calls_that_cannot_be(args, kwargs, message):
    with pytest.raises(TypeError, match=message):
        bind("Model", NAMES, args, kwargs, {})


def test_signatures():
    signature = documented_signature(("inputs", "training"), open_ended=True, training=False)
    assert str(signature) == "(self, inputs=None, training=False, **kwargs)"
    assert signature.parameters["kwargs"].kind is inspect.Parameter.VAR_KEYWORD


def test_a_task_without_labels():
    task = Task(NAMES, renamed={"lm_labels": "labels", "mask": "attention_mask"}).without("labels")
    assert task.inputs == NAMES[:2] and task.renamed == {"mask": "attention_mask"}


def test_sinusoids():
    halves, turns = sinusoids(5, 6, "halves"), sinusoids(5, 6, "interleaved")
    np.testing.assert_array_equal(halves[:, :3], turns[:, 0::2])
    np.testing.assert_array_equal(halves[:, 3:], turns[:, 1::2])
    np.testing.assert_allclose(turns[3], [f(3 / 10000 ** (i / 6)) for i in (0, 2, 4) for f in (np.sin, np.cos)])
