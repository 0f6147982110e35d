"""Every field of a spec is honoured or refused, and stacks that no family has compute what they say."""

import dataclasses
import hashlib
import math

import numpy as np
import pytest
from tests import tiny
from tests.golden_data import assert_close, leaves
from tests.spec_fields import changes

from formers.architecture import Sinusoid, Stack
from formers.backends.onnx import OnnxModel
from formers.backends.onnx.model import check_supported
from formers.backends.onnx.parts import TOKENS, stored_base, stored_heads
from formers.checkpoint.given import GivenTensors
from formers.network.weights import head_weights

# What only matters in training, or says how and not what to compute.
TRAINING = ("dropout", "layer_dropout", "checkpointing", "padding", "std", "init", "chunk_size", "pruned")
STRINGS = {"activation": ["gelu", "relu", "gelu_new", "gelu_fast", "swish", "tanh", "mish", "sine"]}


def values(name, shape):
    """Weights that follow from their name and shape."""
    seed = int(hashlib.sha256(f"{name} {shape}".encode()).hexdigest()[:8], 16)
    return (np.random.default_rng(seed).normal(size=math.prod(shape)) * 0.3).reshape(shape).astype("float32")


def build(name, spec):
    """A model of a spec, whatever its family says."""
    family = dataclasses.replace(tiny.family_of(name), architecture=lambda config: spec)
    public = next(public for public in family.public if public.name == name)
    config = tiny.config(name)
    check_supported(public, spec, config)
    prefix = "" if public.task.heads is None else f"{family.prefix}."
    base = stored_base(spec, family.names, prefix)
    heads = () if public.task.heads is None else public.task.heads(config)
    weights = [pair for head in heads for pair in head_weights(head, spec.stack.hidden, 99, spec.init)]
    stored = {**base, **stored_heads(weights, base[TOKENS])}
    tensors = {key: values(key, shape) for part in stored.values() for key, shape in part.shapes()}
    return OnnxModel(config, family, public, GivenTensors(tensors))


def run(model):
    ids = tiny.ids(3, 7)
    mask = np.ones((3, 7), int)
    mask[1, 4:] = mask[2] = 0  # a row that is masked wholly tells how
    arguments = {"input_ids": ids, "attention_mask": mask}
    if "token_type_ids" in model.plan.task.inputs:
        arguments["token_type_ids"] = ids % 2 % model.config.type_vocab_size
    width = model.plan.spec.stack.embeddings.tokens.size
    calls = [{**arguments, "output_hidden_states": True}, {"input_ids": ids}]
    calls.append({"inputs_embeds": values("embeds", (2, 7, width))})
    return [leaf for call in calls for leaf in leaves(model(**call))]


def same(one, other):
    return len(one) == len(other) and all(
        a.shape == b.shape and np.allclose(a, b, atol=1e-6, equal_nan=True) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize(
    "name", ["BertForSequenceClassification", "RobertaModel", "DistilBertForSequenceClassification"]
)
def test_every_field_is_honoured_or_refused(name):
    family = tiny.family_of(name)
    spec = family.architecture(tiny.config(name))
    expected = run(build(name, spec))
    honoured, refused = [], []
    # With one type of tokens nobody sees which argument holds it.
    single = any(lookup.size == 1 for lookup in spec.stack.embeddings.types)
    leave = (*TRAINING, "argument") if single else TRAINING
    for change in changes(spec, strings=STRINGS, leave=leave):
        try:
            model = build(name, change.applied(spec))
        except (ValueError, KeyError) as error:
            assert len(str(error)) > 20
            refused.append(str(change))
            continue
        got = run(model)
        if isinstance(change.value, Sinusoid) and change.value.stored:
            continue  # a table of the file, like that of learned positions
        assert not same(got, expected), f"{change} changes nothing"
        honoured.append(str(change))
    assert len(honoured) > 10 and any("memory" in change for change in refused)


@pytest.mark.parametrize("field", TRAINING)
def test_fields_of_training_change_nothing(field):
    name = "BertModel"
    spec = tiny.family_of(name).architecture(tiny.config(name))
    expected = run(build(name, spec))
    for change in changes(spec):
        if change.field.name == field and not dataclasses.is_dataclass(change.value):
            assert same(run(build(name, change.applied(spec))), expected), change


def stack_of(name, **fields) -> Stack:
    spec = tiny.family_of(name).architecture(tiny.config(name))
    return dataclasses.replace(spec, stack=dataclasses.replace(spec.stack, **fields))


def test_layers_may_compute_several_times():
    """The states of a schedule 0, 1, 0 begin as those of 0, 1, and layer 0 is computed again."""
    plain = build("BertModel", stack_of("BertModel"))
    again = build("BertModel", stack_of("BertModel", schedule=(0, 1, 0)))
    ids = tiny.ids(2, 5)
    states = plain(ids, output_hidden_states=True).hidden_states
    longer = again(ids, output_hidden_states=True).hidden_states
    assert len(longer) == len(states) + 1
    assert_close(list(longer[:-1]), list(states))
    assert not np.allclose(longer[-1], states[-1], atol=1e-3)


@pytest.mark.parametrize("length", [1, 3, 4, 5, 8])
def test_inputs_are_padded_to_a_multiple(length):
    """What is padded is masked and cut off again, so that only the limit of positions shows it."""
    plain, padded = build("BertModel", stack_of("BertModel")), build("BertModel", stack_of("BertModel", pad_to=4))
    ids = tiny.ids(2, length)
    assert_close([padded(ids).last_hidden_state], [plain(ids).last_hidden_state])
    embeds = values("embeds", (2, length, 24))
    assert_close([padded(inputs_embeds=embeds)[0]], [plain(inputs_embeds=embeds)[0]])
    positions = plain.plan.spec.stack.capacity
    assert padded(tiny.ids(1, positions)).last_hidden_state.shape[1] == positions
    uneven = build("BertModel", stack_of("BertModel", pad_to=7))
    with pytest.raises(ValueError, match=f"the input has {positions} positions, but the model knows"):
        uneven(tiny.ids(1, positions))


def test_layers_that_differ():
    spec = tiny.family_of("BertModel").architecture(tiny.config("BertModel"))
    first, second = spec.stack.layers[:2]
    attention, feed_forward = second.sublayers
    block = dataclasses.replace(feed_forward.block, activation="relu", size=17)
    other = dataclasses.replace(second, sublayers=(attention, dataclasses.replace(feed_forward, block=block)))
    mixed = build("BertModel", stack_of("BertModel", layers=(first, other)))(tiny.ids(2, 5), output_hidden_states=True)
    plain = build("BertModel", spec)(tiny.ids(2, 5), output_hidden_states=True)
    assert_close(list(mixed.hidden_states[:2]), list(plain.hidden_states[:2]))
    assert not np.allclose(mixed.hidden_states[2], plain.hidden_states[2], atol=1e-3)
