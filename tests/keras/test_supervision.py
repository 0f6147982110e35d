"""Losses, metrics and labels of `compile` and `fit`: which outputs they belong to, and the model's own loss."""

import numpy as np
import pytest
import tensorflow as tf
from tests.tiny import ids, make

from formers.tokenization import BatchEncoding

TOKENS, LABELS = ids(16, 6), np.arange(16) % 2


def cross_entropy():
    return tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def classifier(**changes):
    return make("TFBertForSequenceClassification", num_labels=2, **changes)


def history(model, x, y=None, loss=None, **options):
    """What one step of `fit` gives, for a model as it is."""
    model.compile(tf.keras.optimizers.SGD(0.0), loss, run_eagerly=True, **options)
    return {name: values[0] for name, values in model.fit(x, y, verbose=0).history.items()}


@pytest.fixture(scope="module")
def expected():
    return history(classifier(), TOKENS, LABELS, cross_entropy(), metrics=["accuracy"])


@pytest.mark.parametrize("y", [LABELS, [LABELS, None, None, None]])
@pytest.mark.parametrize("nones", [1, 3])
def test_a_list_of_losses_has_none_for_hidden_states(expected, y, nones):
    model, rest = classifier(output_hidden_states=True), [None] * nones
    options = {"metrics": [["accuracy"], *rest], "loss_weights": [1, *[0] * nones]}
    assert history(model, TOKENS, y, [cross_entropy(), *rest], **options) == pytest.approx(expected)


def test_lists_of_base_and_language_models():
    for name, target in (("TFBertModel", np.zeros((16, 6, 24), "float32")), ("TFGPT2LMHeadModel", TOKENS)):
        loss = "mse" if name == "TFBertModel" else cross_entropy()
        one, listed = (history(make(name), TOKENS, target, given) for given in (loss, [loss, None, None]))
        assert one == pytest.approx(listed)


def test_a_list_with_a_loss_for_an_output_without_labels():
    words = r"loss has 3 entries: \['mse', None, 'mse'\]; expected one for .* \(logits\), and then None for all others"
    with pytest.raises(ValueError, match=words):
        classifier().compile("adam", ["mse", None, "mse"])
    with pytest.raises(ValueError, match=r"loss has 1 entries: .* \(start_logits, end_logits\)"):
        make("TFBertForQuestionAnswering").compile("adam", ["mse"])


@pytest.mark.parametrize("key", ["logits", "labels"])
def test_losses_by_the_name_of_an_output_or_its_labels(expected, key):
    found = history(classifier(), TOKENS, LABELS, {key: cross_entropy()}, metrics={"logits": ["accuracy"]})
    assert found == pytest.approx(expected)
    with pytest.raises(ValueError, match=r"compile\(\) names 'states'; the outputs that have labels are logits"):
        history(classifier(), TOKENS, LABELS, {"states": cross_entropy()})


def test_some_of_two_outputs_learn():
    model, ends = make("TFBertForQuestionAnswering"), TOKENS[:, 0] % 6
    first, second = (history(model, TOKENS, (LABELS, ends), losses)["loss"] for losses in (
        [cross_entropy(), None], {"end_logits": cross_entropy()}
    ))  # fmt: skip
    assert history(model, TOKENS, LABELS, [cross_entropy(), None])["loss"] == pytest.approx(first)
    both = history(model, TOKENS, (LABELS, ends), [cross_entropy(), cross_entropy()], metrics=["accuracy"])
    assert both["loss"] == pytest.approx(first + second) and {"accuracy", "accuracy_1"} <= both.keys()
    named = {"start_positions": LABELS, "end_positions": ends}
    assert history(model, TOKENS, named, [cross_entropy(), None])["loss"] == pytest.approx(first)
    with pytest.raises(ValueError, match=r"compile\(\) asks for 'end_logits', and there are no labels for it"):
        history(model, TOKENS, LABELS, [cross_entropy(), cross_entropy()])
    with pytest.raises(ValueError, match="found labels for 3 outputs; the outputs that have labels are start_logits"):
        history(model, TOKENS, (LABELS, ends, ends), [cross_entropy(), None])


def test_the_model_s_own_loss(expected):
    model, data = classifier(), {"input_ids": TOKENS, "labels": LABELS}
    assert history(model, data) == pytest.approx({"loss": expected["loss"]})
    assert model.evaluate(data, verbose=0) == pytest.approx(expected["loss"])
    assert history(model, data, metrics=["accuracy"]) == pytest.approx(expected)
    assert history(model, data, loss=cross_entropy(), metrics=["accuracy"]) == pytest.approx(expected)
    model.compile(tf.keras.optimizers.Adam(1e-2))
    losses = model.fit(tf.data.Dataset.from_tensor_slices(data).batch(8), epochs=4, verbose=0).history["loss"]
    assert losses[-1] < losses[0]


def test_own_losses_of_tokens_and_spans():
    labels = np.where(TOKENS % 3 == 0, -100, TOKENS % 3)
    model = make("TFBertForTokenClassification", num_labels=3)
    found = history(model, {"input_ids": TOKENS, "labels": labels})["loss"]
    assert found == pytest.approx(np.mean(model(TOKENS, labels=labels).loss))
    assert history(model, {"input_ids": TOKENS, "labels": np.full_like(labels, -100)})["loss"] == 0
    spans = {"input_ids": TOKENS, "start_positions": LABELS, "end_positions": LABELS}
    model = make("TFBertForQuestionAnswering")
    assert history(model, spans)["loss"] == pytest.approx(np.mean(model(spans).loss))


@pytest.mark.parametrize(
    ("name", "y", "message"),
    [
        ("TFBertForSequenceClassification", LABELS, r"found labels as y: .*loss=.*, or give labels among the inputs"),
        ("TFBertForSequenceClassification", None, r"without a loss, found no labels: .*, or give labels among"),
        ("TFGPT2LMHeadModel", LABELS, r"TFGPT2LMHeadModel was compiled without a loss, found labels .*fit\(x, y\)$"),
    ],
)
def test_no_loss_at_all(name, y, message):
    with pytest.raises(ValueError, match=message):
        history(make(name), TOKENS, y)


def test_no_labels_at_all():
    words = r"no labels to learn from: call fit\(x, y\), or give labels among the inputs"
    with pytest.raises(ValueError, match=words):
        history(classifier(), TOKENS, loss=cross_entropy())


def test_data_as_tokenizers_and_people_write_it(expected):
    model, encoded = classifier(), BatchEncoding({"input_ids": TOKENS.tolist(), "attention_mask": [[1] * 6] * 16})
    for x, y in ((encoded, LABELS.tolist()), (TOKENS.tolist(), LABELS)):
        options = {"loss": cross_entropy(), "metrics": ["accuracy"]}
        assert history(model, x, y, **options) == pytest.approx(expected)
        assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(expected["loss"])
        assert model.predict(x, verbose=0)[0].shape == (16, 2)
    model.fit(encoded, LABELS, validation_data=(encoded, LABELS.tolist()), verbose=0)
    with pytest.raises(ValueError, match="input_ids has rows of 2 to 3 entries"):
        model.predict({"input_ids": [[1, 2, 3], [4, 5]]}, verbose=0)
