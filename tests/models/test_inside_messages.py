"""What a caller is told who passes something else than tensors, and what of later spellings is accepted."""

import numpy as np
import pytest
import torch
from tests import tiny
from tests.models.inside import CLASSES, OF_ONE_PART, ONE_OF_EACH, close, inputs_of

from formers import BatchEncoding
from formers.outputs import ModelOutput

# Arguments that are structures, switches, or which a list may stand for.
NO_TENSORS = ("use_cache", "output_attentions", "output_hidden_states", "encoder_outputs", "head_mask")


def tensor_arguments(model):
    """The arguments of a class that are one tensor, but the first."""
    return [name for name in model.task.inputs[1:] if name not in (*NO_TENSORS, model.task.cache)]


@pytest.mark.parametrize("name", ONE_OF_EACH)
@pytest.mark.parametrize("kind", [BatchEncoding, dict])
def test_a_batch_as_one_argument(name, kind):
    with pytest.raises(TypeError, match=rf"input_ids is a {kind.__name__}: pass its entries .*model\(\*\*batch\)"):
        tiny.make(name)(kind({"input_ids": inputs_of(name)["input_ids"]}))


@pytest.mark.parametrize("name", OF_ONE_PART)
def test_lists_and_arrays_are_named(name):
    """As any argument that is a tensor: labels, masks, positions, vectors, an encoder's states."""
    model, inputs = tiny.make(name), inputs_of(name)
    for argument in ["input_ids", *tensor_arguments(model)]:
        for value in ([[1, 2]], np.ones((2, 2)), (1, 2), 3):
            words = rf"{argument} is an? {type(value).__name__}, and a torch.Tensor was expected: "
            with pytest.raises(TypeError, match=words):
                model(**inputs | {argument: value})
    with pytest.raises(TypeError, match="attention_mask is a list"):
        model(inputs["input_ids"], attention_mask=[[1, 1]])


@pytest.mark.parametrize("name", tiny.single_stacks(CLASSES))
def test_head_masks(name):
    """A list has a mask, or None, for each layer; an array is named."""
    model, inputs = tiny.make(name), inputs_of(name)
    if "head_mask" not in model.task.inputs:
        pytest.skip("it takes none")
    close(model(**inputs, head_mask=[None] * model.config.num_hidden_layers), model(**inputs))
    with pytest.raises(TypeError, match="head_mask is a ndarray"):
        model(**inputs, head_mask=np.ones(model.config.num_attention_heads))
    with pytest.raises(ValueError, match=r"head_mask has shape \(9, 3\); expected \[heads\] or \[\d layers, heads\]"):
        model(**inputs, head_mask=torch.ones(9, 3))


@pytest.mark.parametrize("name", ONE_OF_EACH)
@torch.no_grad()
def test_return_dict_is_accepted(name, tmp_path):
    """In calls, configurations and loads: outputs have names, and are tuples, in any case."""
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    for value in (True, False, None):
        output = model(**inputs, return_dict=value)
        assert isinstance(output, ModelOutput) and output.keys() == plain.keys()
        close(output, plain)
    model.save_pretrained(tmp_path)
    for options in ({"return_dict": True}, {"return_dict": False}):
        close(type(model).from_pretrained(tmp_path, **options)(**inputs), plain)
    close(tiny.make(name, return_dict=True)(**inputs), plain)
