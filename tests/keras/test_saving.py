"""Whole models, weights, checkpoints and exports by the means of Keras and TensorFlow."""

import copy
import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
from tests import tiny
from tests.tiny import ids, make

import formers

TOKENS, LABELS = ids(4, 6), np.arange(4) % 2

LOAD = """
import sys
import numpy as np
import formers
formers.as_transformers()
from transformers import TFBertForSequenceClassification
import keras

tokens, *expected = np.load(sys.argv[1]).values()
for path, values in zip(sys.argv[2:], expected, strict=True):
    output = keras.models.load_model(path)(tokens)
    output = output[0] if isinstance(output, tuple) else output
    np.testing.assert_allclose(np.asarray(output, "float32"), values, atol=1e-6)
"""


def classifier(seed=0):
    return make("TFBertForSequenceClassification", num_labels=2, seed=seed)


def fitted(model):
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    model.fit(TOKENS, LABELS, verbose=0)
    return model


def assert_same(ours, theirs):
    np.testing.assert_allclose(ours(TOKENS)[0], theirs(TOKENS)[0], atol=1e-6)


def test_saved_models_are_loaded_in_another_process(tmp_path):
    model, arrays, paths = fitted(classifier()), {"tokens": TOKENS}, []
    tokens = keras.Input((6,), dtype="int32")
    functional = keras.Model(tokens, keras.layers.Dense(2)(model.bert(tokens)[1]))
    half = formers.TFBertForSequenceClassification(model.config, dtype="mixed_float16")
    for saved, file in ((model, "a.keras"), (half, "b.keras"), (functional, "c.keras"), (functional, "d.h5")):
        saved.save(tmp_path / file)
        output = saved(TOKENS)
        arrays[file] = np.asarray(output[0] if isinstance(output, tuple) else output, "float32")
        paths.append(str(tmp_path / file))
    np.savez(tmp_path / "arrays.npz", **arrays)
    command = [sys.executable, "-c", LOAD, str(tmp_path / "arrays.npz"), *paths]
    done = subprocess.run(command, env=dict(os.environ), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]


def test_saved_models_go_on_as_they_were(tmp_path):
    model = classifier()
    model.bert.trainable = False
    fitted(model).save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    for other in (loaded, copy.deepcopy(model), pickle.loads(pickle.dumps(model)), keras.models.clone_model(model)):
        assert [weight.path.rpartition("/")[2] for weight in other.trainable_weights] == ["kernel", "bias"]
    again = [each.fit(TOKENS, LABELS, verbose=0).history for each in (model, loaded)]
    assert again[0] == again[1]
    model.bert.trainable = True
    model.bert.embeddings.trainable = False
    tokens = keras.Input((6,), dtype="int32")
    for whole in (model, keras.Model(tokens, model.bert(tokens)[1])):
        whole.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        assert len(loaded.trainable_weights) == len(whole.trainable_weights) == len(whole.weights) - 5


def test_frozen_from_the_start():
    main = formers.TFBertMainLayer(tiny.config("TFBertModel"), trainable=False)
    model = formers.TFBertModel(tiny.config("TFBertModel"), trainable=False)
    for layer in (main, model):
        tokens = keras.Input((6,), dtype="int32")
        assert keras.Model(tokens, layer(tokens)[1]).trainable_weights == []


def test_a_class_whose_init_takes_a_configuration_alone(tmp_path):
    class Own(formers.TFBertPreTrainedModel):
        def __init__(self, config):
            super().__init__(config)
            self.bert = formers.TFBertMainLayer(config, name="bert")

        def call(self, inputs, training=False):
            return self.bert(inputs, training=training)

    model = Own(tiny.config("TFBertModel"))
    model.save(tmp_path / "own.keras")
    assert_same(keras.models.load_model(tmp_path / "own.keras"), model)


@pytest.mark.parametrize(("name", "options"), [("x.h5", {}), ("folder", {}), ("folder", {"save_format": "tf"})])
def test_names_that_whole_models_have_not(name, options, tmp_path):
    words = r"TFBertForSequenceClassification cannot be saved as .*'NAME.keras'.*save_pretrained.*'NAME.weights.h5'"
    with pytest.raises(NotImplementedError, match=words):
        classifier().save(tmp_path / name, **options)
    assert not os.listdir(tmp_path)


def test_names_that_weights_have_not(tmp_path):
    model, words = classifier(), r"ckpt'.* Expected a name that ends in .h5.*ckpt.weights.h5'; or use save_pretrained"
    for options in ({}, {"save_format": "tf"}):
        with pytest.raises(ValueError, match=words):
            model.save_weights(tmp_path / "ckpt", **options)
    with pytest.raises(ValueError, match=words):
        model.load_weights(tmp_path / "ckpt")
    with pytest.raises(FileNotFoundError, match="there is no folder .*missing; make it first"):
        model.save_weights(tmp_path / "missing" / "tf_model.h5")
    assert not os.listdir(tmp_path)


def test_weights_that_fit_in_part(tmp_path):
    base = make("TFBertModel", seed=1)
    base.save_weights(tmp_path / "tf_model.h5", save_format="h5")
    model = classifier()
    with pytest.raises(AttributeError, match="classifier"):
        model.load_weights(tmp_path / "tf_model.h5")
    model.load_weights(tmp_path / "tf_model.h5", by_name=True)
    np.testing.assert_array_equal(model.bert(TOKENS)[0], base(TOKENS)[0])
    other = make("TFBertForSequenceClassification", num_labels=5)
    other.save_weights(tmp_path / "tf_model.h5")
    with pytest.raises(RuntimeError, match="classifier"):
        model.load_weights(tmp_path / "tf_model.h5")
    model.load_weights(tmp_path / "tf_model.h5", skip_mismatch=True)
    np.testing.assert_array_equal(model.bert(TOKENS)[0], other.bert(TOKENS)[0])


@pytest.mark.parametrize("name", ["TFBertForSequenceClassification", "TFT5ForConditionalGeneration"])
def test_checkpoints_of_tensorflow_have_all_weights(name, tmp_path):
    model, other = make(name), make(name, seed=1)
    path = tf.train.Checkpoint(model=model).save(tmp_path / "ckpt")
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    for ours, theirs in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_checkpoints_of_tensorflow_with_an_optimizer(tmp_path):
    model, other = fitted(classifier()), classifier(seed=1)
    manager = tf.train.CheckpointManager(tf.train.Checkpoint(model=model, optimizer=model.optimizer), tmp_path, 2)
    for _ in range(3):
        manager.save()
    other.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    checkpoint = tf.train.Checkpoint(model=other, optimizer=other.optimizer)
    tf.train.CheckpointManager(checkpoint, tmp_path, 2).restore_or_initialize()
    assert_same(model, other)
    histories = [each.fit(TOKENS, LABELS, epochs=2, verbose=0).history for each in (model, other)]
    assert histories[0] == histories[1] and int(other.optimizer.iterations) == 3


def test_a_checkpoint_of_a_resized_model(tmp_path):
    model, other = fitted(classifier()), classifier(seed=1)
    for each in (model, other):
        each.resize_token_embeddings(120)
    tf.train.Checkpoint(model=other).restore(tf.train.Checkpoint(model=model).save(tmp_path / "ckpt"))
    assert_same(model, other)


@pytest.mark.parametrize("name", ["TFBertForMultipleChoice", "TFGPT2LMHeadModel", "TFT5ForConditionalGeneration"])
def test_models_are_exported_without_a_call_before(name, tmp_path):
    model = make(name)
    model.export(tmp_path / "exported", verbose=False)
    exported = tf.saved_model.load(str(tmp_path / "exported"))
    inputs = tiny.inputs(name, length=5)
    inputs |= {"attention_mask": np.ones_like(inputs["input_ids"])}
    if model.config.is_encoder_decoder:
        inputs |= {"decoder_attention_mask": np.ones_like(inputs["decoder_input_ids"])}
    np.testing.assert_allclose(exported.serve(inputs)[0], model(inputs)[0], atol=1e-5)
    tf.saved_model.save(model, str(tmp_path / "saved"))
    assert len(tf.train.list_variables(tmp_path / "saved" / "variables" / "variables")) >= len(model.weights)
