"""The layers inside of the documented Keras models, by themselves: as recorded on the original library."""

import importlib
import inspect
from functools import cache

import keras
import numpy as np
import pytest
import tensorflow as tf
from safetensors.numpy import load_file
from tests.golden_data import GOLDEN, assert_close, leaves, read

import formers
from formers.compat.modules import existing_homes

CONTENT = read("inner/keras.json")
# What it says where it checks arguments. Other errors came from further inside.
CHECKED = ("AssertionError", "ValueError")
ENTRIES = [
    pytest.param(entry, id=f"{entry['module']} {entry['class']} {entry['variant']}".strip())
    for entry in CONTENT["classes"]
]


@cache
def tensors():
    return load_file(GOLDEN / "inner/keras.safetensors")


def documented(module, name):
    for home in existing_homes(module):
        found = getattr(importlib.import_module(home), name, None)
        if found is not None:
            return found
    raise AttributeError(f"no home of {module} has {name}")


def configuration(name):
    recorded = CONTENT["configs"][name]
    args = dict(recorded["args"])
    decoder = args.pop("is_decoder", False)
    config = getattr(formers, recorded["class"])(**args)
    config.is_decoder = decoder
    return config


def build(entry):
    def value_of(spec):
        if isinstance(spec, str):
            return configuration(spec.removeprefix("@"))
        if isinstance(spec, dict):
            layer = documented(spec["module"], spec["class"])(*map(value_of, spec["args"]), name="embeddings")
            if not layer.built:
                layer.build()
            return layer
        return spec

    kind = documented(entry["module"], entry["class"])
    return kind(*map(value_of, entry["init"]["args"]), **entry["init"]["kwargs"])


def with_weights(entry):
    layer = build(entry)
    if not layer.built:  # a norm
        layer.build((None, None, 8))
    layer.set_weights([tensors()[key] for _, key in entry["weights"]])
    return layer


def decode(spec, tensor=tf.constant):
    if spec is None:
        return None
    ((kind, value),) = spec.items()
    if kind == "tensor":
        return tensor(tensors()[value])
    if kind == "value":
        return value
    return {"tuple": tuple, "list": list}[kind](decode(inner, tensor) for inner in value)


def arguments(call):
    return [decode(spec) for spec in call["args"]], {name: decode(spec) for name, spec in call["kwargs"].items()}


def shape_of(value):
    """The nesting of a result."""
    if isinstance(value, tuple | list):
        return type(value)(map(shape_of, value))
    return None if value is None else tuple(value.shape)


@pytest.mark.parametrize("entry", ENTRIES)
def test_recorded_weights_and_calls(entry):
    layer = with_weights(entry)
    for weight, (theirs, _) in zip(layer.weights, entry["weights"], strict=True):
        ours = weight.path.partition("/")[2]
        # In the original the linear layers of CTRL's feed-forward block had no names.
        assert ours == theirs or ("/" not in theirs and ours.endswith(f"/{theirs}")), (ours, theirs)
    for call in entry["calls"]:
        args, kwargs = arguments(call)
        if "error" in call:
            if call["error"][0] in CHECKED:
                with pytest.raises((AssertionError, ValueError)):
                    layer(*args, **kwargs)
            continue
        found, expected = layer(*args, **kwargs), decode(call["outputs"])
        assert shape_of(found) == shape_of(expected), call["name"]
        assert_close(leaves(found), leaves(expected))


@pytest.mark.parametrize("entry", ENTRIES)
def test_signatures(entry):
    kind = documented(entry["module"], entry["class"])
    assert names_of(inspect.signature(kind.__init__)) == entry["constructor"]
    assert names_of(inspect.signature(kind.call)) == entry["call"]


def names_of(signature):
    """A signature without annotations."""
    parameters = [value.replace(annotation=inspect.Parameter.empty) for value in signature.parameters.values()]
    return str(inspect.Signature(parameters))


@pytest.mark.parametrize("recorded", CONTENT["functions"], ids=lambda recorded: recorded["function"])
def test_functions(recorded):
    function = documented(recorded["module"], recorded["function"])
    args = [decode(spec, np.asarray) for spec in recorded["args"]]
    assert names_of(inspect.signature(function)) == recorded["signature"]
    assert_close(leaves(function(*args)), leaves(decode(recorded["outputs"])))


@pytest.mark.parametrize("entry", list({entry.values[0]["class"]: entry for entry in ENTRIES}.values()))
def test_made_again_from_their_configuration(entry):
    layer = with_weights(entry)
    again = type(layer).from_config(layer.get_config())
    if not again.built:
        again.build((None, None, 8))
    again.set_weights(layer.get_weights())
    call = entry["calls"][0]
    args, kwargs = arguments(call)
    assert_close(leaves(again(*args, **kwargs)), leaves(decode(call["outputs"])))


# One class of each kind.
KINDS = ("TFBertEncoder", "TFBertMLMHead", "TFTransformerBlock", "TFBlock", "TFEncoderLayer", "TFT5Block")
SOME = list({entry.values[0]["class"]: entry for entry in ENTRIES if entry.values[0]["class"] in KINDS}.values())


@pytest.mark.parametrize("entry", SOME)
def test_gradients_and_compiled_functions(entry):
    layer = with_weights(entry)
    call = entry["calls"][0]
    args, kwargs = arguments(call)

    @tf.function
    def compiled():
        with tf.GradientTape() as tape:
            result = layer(*args, **kwargs)
            loss = tf.reduce_sum(tf.square(keras.tree.flatten(result)[0]))
        return result, tape.gradient(loss, [weight.value for weight in layer.trainable_weights])

    result, gradients = compiled()
    assert_close(leaves(result), leaves(decode(call["outputs"])))
    own = {id(weight) for weight in layer.documented.values()}
    for weight, gradient in zip(layer.trainable_weights, gradients, strict=True):
        if id(weight) in own:
            assert gradient is not None and float(tf.reduce_max(tf.abs(gradient))) > 0, weight.path


def test_in_a_functional_model_that_is_saved(tmp_path):
    config = configuration("bert")
    states, mask = keras.Input((None, 8)), keras.Input((1, 1, None))
    hidden = formers_layer("TFBertLayer")(config)([states, mask, None, False])[0]
    hidden, weights = formers_layer("TFBertLayer")(config, name="second")([hidden, mask, None, True])
    model = keras.Model([states, mask], [hidden, weights])
    given = [np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32"), np.zeros((2, 1, 1, 3), "float32")]
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    for ours, theirs in zip(again(given), model(given), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    assert model(given)[1].shape == (2, 2, 3, 3)


def formers_layer(name, module="modeling_tf_bert"):
    return documented(module, name)


def test_in_a_custom_model():
    """As custom models of old code put them together: a main layer, a subclass, a head with its embeddings."""

    class Halved(formers_layer("TFBertLayer")):
        def call(self, inputs, training=False):
            return super().call([inputs[0] / 2, *inputs[1:]], training=training)

    config = configuration("bert")
    main, extra = formers.TFBertMainLayer(config), Halved(config)
    head = formers_layer("TFBertMLMHead")(config, main.embeddings, name="mlm___cls")
    states = main(np.array([[1, 2, 3]]))[0]
    changed = extra([states, None, None, False])[0]
    scores = head(changed)
    assert scores.shape == (1, 3, 20)
    plain = formers_layer("TFBertLayer")(config)
    plain.set_weights(extra.get_weights())
    np.testing.assert_allclose(plain([states / 2, None, None, False])[0], changed, atol=1e-6)
    assert any(weight is main.get_input_embeddings().weight for weight in head.weights)
    before = head(changed)
    main.get_input_embeddings().weight.assign(main.get_input_embeddings().weight * 2)
    bias = head.documented["predictions/bias"]
    np.testing.assert_allclose(head(changed) - bias, 2 * (before - bias), atol=1e-5)


def test_a_custom_model_of_documented_layers_is_saved_by_documented_names(tmp_path):
    class Custom(formers.TFBertPreTrainedModel):
        def __init__(self, config):
            super().__init__(config)
            self.bert = formers.TFBertMainLayer(config, name="bert")
            self.extra = formers_layer("TFBertLayer")(config)
            self.scores = formers_layer("TFBertLMPredictionHead")(config, self.bert.embeddings)

        def call(self, inputs, training=False):
            states = self.extra([self.bert(inputs)[0], None, None, False])[0]
            return self.scores(states)

    model, ids = Custom(configuration("bert")), np.array([[1, 2, 3]])
    expected = model(ids)
    model.save_pretrained(tmp_path)
    names = [name for name in load_file(tmp_path / "model.safetensors") if not name.startswith("bert.")]
    assert {"extra.attention.self.query.weight", "scores.bias", "scores.transform.dense.weight"} <= set(names)
    assert len(names) == len(model.extra.documented) + len(model.scores.documented)
    np.testing.assert_array_equal(Custom.from_pretrained(tmp_path)(ids), expected)


def test_training_drops_values():
    layer = formers_layer("TFBertLayer")(configuration("bert"))
    states = np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32")
    given = [states, None, None, False]
    assert np.abs(layer(given, training=True)[0] - layer(given)[0]).max() > 1e-3
    np.testing.assert_array_equal(layer(given, training=False)[0], layer(given)[0])


def test_arguments_that_are_not_there():
    layer = formers_layer("TFBertLayer")(configuration("bert"))
    states = np.zeros((1, 2, 8), "float32")
    message = "TFBertLayer takes a list of 4 values, found 2 values: give hidden_states, attention_mask, head_mask, "
    with pytest.raises(ValueError, match=message):
        layer([states, None])
    with pytest.raises(ValueError, match="takes a list of 4 values, found EagerTensor"):
        layer(states)
    block = documented("modeling_tf_t5", "TFT5Block")(configuration("t5"))
    with pytest.raises(ValueError, match="No position_bias provided"):
        block(states)


def test_embeddings_that_no_layer_owns():
    shared = formers.TFSharedEmbeddings(5, 4)
    shared.build()
    wrapped = documented("modeling_tf_t5", "_NoLayerEmbedTokens")(shared)
    states = wrapped(np.array([[1, 2]]))
    np.testing.assert_array_equal(states, shared(np.array([[1, 2]])))
    np.testing.assert_array_equal(wrapped(states, mode="linear"), shared(states, mode="linear"))


def test_a_feed_forward_network_of_ctrl():
    network = documented("modeling_tf_ctrl", "point_wise_feed_forward_network")(8, 12, name="ffn")
    states = np.random.default_rng(0).normal(size=(2, 3, 8)).astype("float32")
    assert network(states).shape == (2, 3, 8) and network.name == "ffn"
    first, first_bias, second, second_bias = network.get_weights()
    np.testing.assert_allclose(
        network(states), np.maximum(states @ first + first_bias, 0) @ second + second_bias, atol=1e-5
    )
