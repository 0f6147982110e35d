"""Stacks whose layers differ, and specs drawn at random, compute what they say, in every backend."""

from dataclasses import fields
from importlib.util import find_spec

import numpy as np
import pytest
from tests import tiny
from tests.golden_data import assert_close
from tests.numpy_layers import run_layer, weights_of
from tests.random_specs import random_spec
from tests.spec_models import build, flat, inputs, is_pair, keras_twin, onnx_twin, public_of

from formers.architecture import CrossAttention, FeedForward, SelfAttention, SingleStack

# Classes whose names cover much: separate and joined projections, gates, cross-attention, biases, pre-norm and post-norm.
RANDOM = {
    "BertModel": 12,
    "RobertaModel": 4,
    "DistilBertModel": 6,
    "GPT2Model": 6,
    "OpenAIGPTModel": 3,
    "CTRLModel": 3,
    "T5Model": 6,
    "BartModel": 6,
}
CASES = [(name, seed) for name, count in RANDOM.items() for seed in range(count)]


def run(model, given):
    import torch

    with torch.no_grad():
        return model(**tiny.tensors(given), output_hidden_states=True)


def asked(name, spec):
    """Inputs without texts that are masked wholly, and without caches."""
    given = inputs(name)
    given = {key: value for key, value in given.items() if key != "head_mask"}
    return given | ({"use_cache": False} if is_pair(spec) or spec.architecture.stack.memory is not None else {})


def layers_in_numpy(name, spec, model, given, output):
    """Pairs of what each layer gave, and what NumPy computes of what went into it."""
    names, whole = tiny.family_of(name).names, spec.architecture
    mask = given.get("attention_mask", np.ones(given["input_ids"].shape))
    if isinstance(whole, SingleStack):
        yield from _of_stack(weights_of(model, names), whole.stack, output.hidden_states, mask)
        return
    encoded = output.encoder_last_hidden_state.double().numpy()
    yield from _of_stack(weights_of(model, names, "encoder."), whole.encoder, output.encoder_hidden_states, mask)
    ids = given["decoder_input_ids"]
    own = np.ones(ids.shape)
    if hasattr(whole.decoder_inputs, "padding") and not hasattr(whole.decoder_inputs, "start"):
        own[:, 1:] = ids[:, 1:] != whole.decoder_inputs.padding
    weights = weights_of(model, names, "decoder.")
    yield from _of_stack(weights, whole.decoder, output.decoder_hidden_states, own, encoded, mask)


def _of_stack(weights, stack, states, mask, *encoder):
    states = [state.double().numpy() for state in states]
    missing = states[0].shape[1] - mask.shape[1]
    mask = np.pad(mask, ((0, 0), (0, missing)))
    # The last state has the final norm behind it.
    last = stack.final_norm is not None
    for index, (before, after) in enumerate(zip(states[:-1], states[1:], strict=True)):
        if not (last and index == len(stack.steps) - 1):
            number = stack.steps[index]
            yield after, run_layer(weights, stack.layers[number], f"layers.{number}", before, mask, stack, *encoder)


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_layers_of_random_specs(name, seed):
    spec = random_spec(name, seed)
    model = build(name, spec)
    given = asked(name, spec)
    output = run(model, given)
    for got, expected in layers_in_numpy(name, spec, model, given, output):
        assert_close([got], [expected])


@pytest.mark.skipif(find_spec("tensorflow") is None, reason="TensorFlow is not installed")
@pytest.mark.parametrize(("name", "seed"), CASES)
def test_keras_computes_random_specs(name, seed):
    spec = random_spec(name, seed)
    model = build(name, spec)
    given = asked(name, spec)
    given = {key: value for key, value in given.items() if key in public_of(name).keras.inputs}
    ours = flat(run(model, given))
    switch = {"use_cache": False} if "use_cache" in given else {}
    tensors = {key: value for key, value in given.items() if key != "use_cache"}
    theirs = flat(keras_twin(name, spec, model)(tensors, output_hidden_states=True, **switch))
    assert ours.keys() == theirs.keys()
    assert_close([*theirs.values()], [*ours.values()])


@pytest.mark.skipif(find_spec("onnxruntime") is None, reason="ONNX Runtime is not installed")
@pytest.mark.parametrize(("name", "seed"), [case for case in CASES if case[0] in ("BertModel", "RobertaModel", "DistilBertModel")])
def test_onnx_computes_random_specs(name, seed):
    spec = random_spec(name, seed)
    model, given = build(name, spec), inputs(name)
    ours = flat(run(model, given))
    theirs = flat(onnx_twin(name, spec, model)(**given, output_hidden_states=True))
    assert ours.keys() == theirs.keys()
    assert_close([*theirs.values()], [*ours.values()])


def test_random_specs_cover_what_can_differ_between_layers():
    """Within one stack, and not only between two."""
    found = set()
    for name, seed in CASES:
        whole = random_spec(name, seed).architecture
        for stack in (whole.stack,) if isinstance(whole, SingleStack) else (whole.encoder, whole.decoder):
            sublayers = [sublayer for layer in stack.layers for sublayer in layer.sublayers]
            for kind in (SelfAttention, CrossAttention, FeedForward):
                blocks = [(s.block, s.before is None) for s in sublayers if isinstance(s.block, kind)]
                for field in fields(kind):
                    if len({getattr(block, field.name) for block, _ in blocks}) > 1:
                        found.add((kind, field.name))
                if len({first for _, first in blocks}) > 1:
                    found.add((kind, "norm"))
    attention = {"heads", "head_size", "scale", "mask", "bias", "norm"}
    wanted = {(kind, name) for kind in (SelfAttention, CrossAttention) for name in attention} | {(SelfAttention, "causal")}
    wanted |= {(FeedForward, name) for name in ("size", "activation", "gated", "bias", "chunk_size", "norm")}
    assert wanted <= found
