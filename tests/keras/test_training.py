"""compile, fit, evaluate, predict as the documentation shows them, and functional models."""

import numpy as np
import pytest
import tensorflow as tf
from tests import tiny
from tests.tiny import ids, make

import formers
from formers.tokenization import BatchEncoding


@pytest.fixture
def separable():
    """Sentences whose class is the word at their start."""
    tokens = ids(96, 8)
    labels = np.arange(96) % 2
    tokens[:, 1] = 10 + labels
    features = {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)}
    return tf.data.Dataset.from_tensor_slices((features, labels))


def compiled(model, rate=3e-3):
    # The documented recipe.
    optimizer = tf.keras.optimizers.Adam(learning_rate=rate, epsilon=1e-08, clipnorm=1.0)
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    metric = tf.keras.metrics.SparseCategoricalAccuracy("accuracy")
    model.compile(optimizer=optimizer, loss=loss, metrics=[metric])
    return model


def test_the_documented_fit_learns(separable, tmp_path):
    tf.keras.utils.set_random_seed(0)
    train = separable.take(64).shuffle(64, seed=0).batch(16).repeat(-1)
    valid = separable.skip(64).batch(16)
    model = compiled(make("TFBertForSequenceClassification", num_labels=2))
    history = model.fit(
        train, epochs=4, steps_per_epoch=8, validation_data=valid, validation_steps=2, verbose=0
    ).history
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert history["val_accuracy"][-1] >= 0.9
    loss, accuracy = model.evaluate(valid, verbose=0)
    assert accuracy == history["val_accuracy"][-1] and loss == pytest.approx(history["val_loss"][-1], rel=1e-5)
    (logits,) = model.predict(valid, verbose=0)
    assert logits.shape == (32, 2)
    assert np.mean(logits.argmax(-1) == np.arange(32) % 2) == pytest.approx(accuracy)
    model.save_pretrained(tmp_path)
    loaded = formers.BertForSequenceClassification.from_pretrained(tmp_path, from_tf=True)
    import torch

    features = next(iter(valid))[0]
    theirs = loaded(**{name: torch.from_numpy(value.numpy()).long() for name, value in features.items()})[0]
    np.testing.assert_allclose(theirs.detach(), logits[:16], atol=1e-4)


def test_hidden_states_do_not_take_part_in_the_loss(separable):
    model = compiled(make("TFDistilBertForSequenceClassification", num_labels=2, output_hidden_states=True))
    batches = separable.map(lambda features, label: (features["input_ids"], label)).batch(32)
    assert np.isfinite(model.fit(batches, verbose=0).history["loss"][0])
    logits, states = model.predict(batches, verbose=0)
    assert logits.shape == (96, 2) and [state.shape for state in states] == [(96, 8, 24)] * 4


@pytest.mark.parametrize("as_dict", [False, True])
def test_two_outputs(as_dict):
    starts, ends = ids(32, 1)[:, 0] % 6, ids(32, 1, seed=1)[:, 0] % 6
    labels = {"start_positions": starts, "end_positions": ends} if as_dict else (starts, ends)
    data = tf.data.Dataset.from_tensor_slices(({"input_ids": ids(32, 6)}, labels)).batch(8)
    model = make("TFRobertaForQuestionAnswering")
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    loss = model.evaluate(data, return_dict=True, verbose=0)["loss"]
    output = model({"input_ids": ids(32, 6)}, start_positions=starts, end_positions=ends)
    assert loss == pytest.approx(2 * np.mean(output.loss), rel=1e-4)
    model.fit(data, verbose=0)


def test_labels_of_tokens():
    data = tf.data.Dataset.from_tensor_slices(({"input_ids": ids(32, 6)}, ids(32, 6) % 3)).batch(8)
    model = compiled(make("TFBertForTokenClassification", num_labels=3), rate=1e-2)
    history = model.fit(data, epochs=5, verbose=0).history
    assert history["loss"][-1] < history["loss"][0]


def test_gradients_reach_all_weights():
    model = make("TFBertForMaskedLM")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(ids(2, 6), token_type_ids=np.ones((2, 6), int))[0] ** 2)
    gradients = tape.gradient(loss, model.trainable_weights)
    without = [weight.path for weight, g in zip(model.trainable_weights, gradients, strict=True) if g is None]
    assert [path.partition("/")[2] for path in without] == ["bert/pooler/dense/kernel", "bert/pooler/dense/bias"]
    # The recipe that spares norms and biases from weight decay goes by names.
    spared = [weight.path for weight in model.weights if "LayerNorm" in weight.path or "bias" in weight.path]
    assert len(spared) == 2 * 6 + 2 * 6 + 3


@pytest.mark.parametrize("name", [name for name in dir(formers) if name.endswith("MainLayer")])
def test_main_layers_are_layers_of_functional_models(name, tmp_path):
    main_layer = getattr(formers, name)
    layer = main_layer(tiny.config(name.replace("MainLayer", "Model")))
    inputs = {name: tf.keras.Input((7,), dtype="int32", name=name) for name in ("input_ids", "attention_mask")}
    model = tf.keras.Model(inputs, outputs=layer(inputs))
    features = {"input_ids": ids(2, 7), "attention_mask": np.ones((2, 7), "int32")}
    output = tf.nest.flatten(model(features))
    np.testing.assert_allclose(output[0], layer(features)[0], atol=1e-6)
    for file in ("model.h5", "model.keras"):
        model.save(tmp_path / file)
        loaded = tf.keras.models.load_model(tmp_path / file, custom_objects={main_layer.__name__: main_layer})
        for ours, theirs in zip(output, tf.nest.flatten(loaded(features)), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_models_are_layers_of_functional_models():
    model = make("TFBertModel")
    # A functional model may be made for longer inputs than the model has positions; running it on them fails.
    tokens = tf.keras.Input(batch_shape=(2, 60), name="input_ids", dtype="int32")
    hidden = model(tokens)[0]
    outputs = tf.keras.layers.Dense(2, activation="softmax")(hidden)
    extended = tf.keras.Model(inputs=[tokens], outputs=[outputs])
    extended.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy())
    assert extended.output_shape == (2, 60, 2)
    with pytest.raises(Exception, match="60 positions, but the model knows 40"):
        extended(ids(2, 60))
    tokens = tf.keras.Input((3, 7), dtype="int32")
    choice = make("TFBertForMultipleChoice")
    by_choice = tf.keras.Model(tokens, choice({"input_ids": tokens})[0])
    np.testing.assert_allclose(by_choice(ids(2, 3, 7)), choice(ids(2, 3, 7))[0], atol=1e-6)


def test_a_class_of_one_s_own(tmp_path):
    class Own(formers.TFBertPreTrainedModel):
        def __init__(self, config, *inputs, **kwargs):
            super().__init__(config, *inputs, **kwargs)
            self.bert = formers.TFBertMainLayer(config, name="bert")
            self.extra = tf.keras.layers.Dense(5, name="extra")

        def call(self, inputs, training=False):
            return self.extra(self.bert(inputs, training=training)[1])

    model = Own(tiny.config("TFBertModel"))
    expected = model(ids(2, 6))
    np.testing.assert_array_equal(model(BatchEncoding({"input_ids": tf.constant(ids(2, 6))})), expected)
    model.save_pretrained(tmp_path)
    np.testing.assert_array_equal(Own.from_pretrained(tmp_path)(ids(2, 6)), expected)
    base, info = formers.TFBertModel.from_pretrained(tmp_path, output_loading_info=True)
    assert info["initialized_keys"] == info["unexpected_keys"] == []
    np.testing.assert_array_equal(base(ids(2, 6))[0], model.bert(ids(2, 6))[0])


def test_mixed_precision():
    model = formers.TFBertForMaskedLM(tiny.config("TFBertModel"), dtype="mixed_bfloat16")
    assert model(ids(2, 6))[0].dtype == tf.bfloat16
    assert {weight.dtype for weight in model.weights} == {"float32"}
    half = formers.TFDistilBertModel(tiny.config("TFDistilBertModel"), dtype="mixed_float16")
    output = half(ids(2, 6), attention_mask=np.array([[1] * 6, [0] * 6]))[0]
    assert np.all(np.isfinite(output))
