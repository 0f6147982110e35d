"""The documented ways to call a Keras model."""

import inspect
import pickle

import keras
import numpy as np
import pytest
import tensorflow as tf
from tests import tiny
from tests.tiny import ids, make

import formers
from formers.architecture import Reads
from formers.backends.keras import TFTokenClassificationLoss
from formers.tokenization import BatchEncoding

# Base and language models, which give something for each token.
EACH_TOKEN = [
    name
    for name in tiny.single_stacks(tiny.keras_classes())
    if name.endswith("Model") and not tiny.has_choices(name)
]  # fmt: skip


@pytest.fixture(scope="module")
def model():
    return make("TFBertForSequenceClassification", num_labels=3)


def test_all_ways_give_the_same(model):
    tokens, mask, types = tf.constant(ids(2, 7)), tf.constant([[1] * 7, [1] * 4 + [0] * 3]), tf.ones((2, 7), tf.int32)
    calls = [
        model(tokens, mask, types),
        model(tokens, attention_mask=mask, token_type_ids=types),
        model([tokens, mask, types]),
        model((tokens, mask, types)),
        model([tokens, mask], token_type_ids=types),
        model({"token_type_ids": types, "input_ids": tokens, "attention_mask": mask}),
        model({"input_ids": tokens, "attention_mask": mask}, token_type_ids=types),
        model(input_ids=tokens, attention_mask=mask, token_type_ids=types),
        model(inputs={"input_ids": tokens, "attention_mask": mask, "token_type_ids": types}, training=False),
        model(BatchEncoding({"input_ids": tokens, "attention_mask": mask, "token_type_ids": types})),
        model(tokens.numpy(), mask.numpy().astype(bool), types.numpy().astype("int64")),
        model(tokens.numpy().tolist(), attention_mask=mask.numpy().tolist(), token_type_ids=types.numpy().tolist()),
    ]
    for output in calls[1:]:
        np.testing.assert_allclose(output.logits, calls[0].logits, atol=1e-6)
    assert not np.allclose(model(tokens).logits, calls[0].logits, atol=1e-6)


def test_return_dict_is_accepted(model):
    ids = np.array([[1, 2, 3]])
    plain = model(ids)[0]
    for output in (model(ids, return_dict=True), model({"input_ids": ids, "return_dict": False})):
        np.testing.assert_array_equal(output[0], plain)


def test_labels_come_last_in_a_list(model):
    tokens, labels = ids(2, 7), np.array([2, 0])
    by_name = model(tokens, labels=labels)
    in_list = model([tokens, None, None, None, None, None, None, None, labels])
    assert by_name.keys() == in_list.keys() == ("loss", "logits")
    np.testing.assert_allclose(by_name.loss, in_list.loss)
    logits = np.asarray(by_name.logits)
    expected = np.log(np.exp(logits).sum(-1)) - logits[[0, 1], labels]
    np.testing.assert_allclose(by_name.loss, expected, rtol=1e-5)


LABELS = ("labels", "next_sentence_label", "start_positions", "end_positions")
WITH_LABELS = [name for name in tiny.keras_classes() if set(getattr(formers, name).names) & set(LABELS)]


@pytest.mark.parametrize("name", WITH_LABELS)
def test_labels_in_every_documented_way(name):
    """By keyword, in the dict, last in the tuple, and in `compute_loss`."""
    model, inputs = make(name), tiny.inputs(name)
    per_token = model.heads[0].reads is Reads.EVERY_TOKEN and len(model.heads[0].outputs) == 1
    shape = inputs.get("decoder_input_ids", inputs["input_ids"]).shape if per_token else (2,)
    labels = {label: ids(*shape) % 2 for label in LABELS if label in model.names}
    expected = model(inputs, **labels)
    assert expected.loss.shape == (np.prod(shape),) and expected.keys()[0] == "loss"
    given = inputs | labels
    in_order = [given.get(argument) for argument in model.names]
    while in_order[-1] is None:
        in_order.pop()
    logits = [expected[output] for output in model.heads[0].outputs]
    one_loss = labels if len(labels) > 1 else next(iter(labels.values()))
    for loss in (
        model(given)[0], model(tuple(in_order))[0], model(in_order)[0],
        model.compute_loss(one_loss, logits if len(logits) > 1 else logits[0]),
    ):  # fmt: skip
        np.testing.assert_allclose(loss, expected.loss, rtol=1e-5)


def test_documented_losses_of_custom_models():
    class Own(formers.TFBertPreTrainedModel, TFTokenClassificationLoss):
        def __init__(self, config):
            super().__init__(config)
            self.bert = formers.TFBertMainLayer(config, name="bert")
            self.extra = tf.keras.layers.Dense(3)

        def call(self, inputs, training=False):
            return self.extra(self.bert(inputs, training=training)[0])

    model, tokens = Own(tiny.config("TFBertModel")), ids(2, 5)
    logits, labels = model(tokens), np.where(tokens % 3 == 0, -100, tokens % 3)
    losses = model.compute_loss(labels, logits)
    assert losses.shape == (np.sum(labels != -100),)
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    assert model.evaluate(tokens, np.maximum(labels, 0), verbose=0) > 0


def test_outputs_are_tuples_with_names(model):
    output = model(ids(2, 7), output_hidden_states=True, output_attentions=True)
    logits, states, attentions = output
    assert output.keys() == ("logits", "hidden_states", "attentions") and output.loss is None
    assert [state.shape for state in states] == [(2, 7, 24)] * 3
    assert [weight.shape for weight in attentions] == [(2, 3, 7, 7)] * 2
    np.testing.assert_allclose(np.sum(attentions[0], -1), 1, rtol=1e-5)
    flagged = make("TFBertModel", output_hidden_states=True)(ids(2, 7))
    assert flagged.keys() == ("last_hidden_state", "pooler_output", "hidden_states")
    np.testing.assert_array_equal(flagged[0], flagged[2][-1])


def test_training_switches_dropout():
    model, tokens = make("TFBertForSequenceClassification", hidden_dropout_prob=0.1), ids(2, 7)
    np.testing.assert_array_equal(model(tokens)[0], model(tokens, training=False)[0])
    assert not np.allclose(model(tokens, training=True)[0], model(tokens, training=True)[0])


def test_in_a_graph(model):
    tokens = ids(2, 7)
    np.testing.assert_allclose(tf.function(model)(tf.constant(tokens))[0], model(tokens)[0], atol=1e-6)
    open_ended = tf.function(
        lambda x: model(x, attention_mask=tf.ones_like(x)).logits,
        input_signature=[tf.TensorSpec([None, None], tf.int32)],
        autograph=False,
    )
    for length in (3, 7):
        np.testing.assert_allclose(open_ended(tokens[:, :length]), model(tokens[:, :length])[0], atol=1e-6)


@pytest.mark.parametrize("name", EACH_TOKEN)
def test_padding_changes_nothing(name):
    """The tokens of a padded row get what they get alone."""
    model, alone = make(name), ids(1, 4)
    padded = np.pad(alone, ((0, 0), (0, 3)), constant_values=model.config.pad_token_id or 0)
    output = model(padded, attention_mask=np.array([[1, 1, 1, 1, 0, 0, 0]]))
    np.testing.assert_allclose(output[0][:, :4], model(alone)[0], atol=1e-5)


def test_head_masks_silence_heads():
    model = make("TFBertModel")
    tokens = ids(2, 7)
    np.testing.assert_allclose(model(tokens, head_mask=np.ones((2, 3)))[0], model(tokens)[0], atol=1e-6)
    silenced = model(tokens, head_mask=np.array([[0.0, 1, 1], [1, 1, 1]]), output_attentions=True)
    assert not np.any(silenced.attentions[0][:, 0]) and np.all(silenced.attentions[0][:, 1])
    with pytest.raises(ValueError, match=r"head_mask has shape \(4, 3\); expected \[heads\] or \[2 layers, heads\]"):
        model(tokens, head_mask=np.ones((4, 3)))


def test_head_masks_by_layer():
    model, tokens, second = make("TFBertModel"), ids(2, 7), np.array([1.0, 0, 1])
    expected = model(tokens, head_mask=np.stack([np.ones(3), second]))[0]
    for layer in (model, model.bert):
        np.testing.assert_array_equal(layer(tokens, head_mask=[None, None])[0], model(tokens)[0])
        np.testing.assert_allclose(layer({"input_ids": tokens, "head_mask": [None, second]})[0], expected, atol=1e-6)
    for mask, message in (
        ([None] * 3, "head_mask has 3 entries; expected one for each of 2 layers"),
        (np.ones(5), r"head_mask is for 5 heads, the attention has 3; expected \[3\] or \[layers, 3\]"),
        ([None, np.ones((2, 5))], r"head_mask has shape \(2, 5\); expected"),
    ):
        with pytest.raises(ValueError, match=message):
            model(tokens, head_mask=mask)


def test_labels_of_tokens_that_do_not_count():
    model = make("TFBertForTokenClassification", num_labels=3)
    tokens = ids(2, 4)
    labels = np.array([[0, -100, 1, -1], [2, -100, -1, 0]])
    full = model(tokens, labels=np.where(labels < 0, 0, labels))
    np.testing.assert_allclose(model(tokens, labels=labels).loss, np.asarray(full.loss)[labels.ravel() >= 0], rtol=1e-6)


def test_answers_outside_of_the_text_give_no_loss():
    model = make("TFBertForQuestionAnswering")
    tokens = ids(2, 6)
    inside = model(tokens, start_positions=np.array([1, 2]), end_positions=np.array([3, 4])).loss
    outside = model(tokens, start_positions=np.array([1, 6]), end_positions=np.array([3, 99])).loss
    np.testing.assert_allclose(outside, [inside[0], 0.0], rtol=1e-6)


def test_a_number_to_predict():
    model = make("TFRobertaForSequenceClassification", num_labels=1)
    output = model(ids(3, 6), labels=np.array([0.5, -1.0, 2.0]))
    errors = (np.asarray(output.logits)[:, 0] - [0.5, -1.0, 2.0]) ** 2
    np.testing.assert_allclose(output.loss, errors.mean(), rtol=1e-5)
    each = model(ids(3, 6), labels=np.array([[0.5], [-1.0], [2.0]]))
    np.testing.assert_allclose(each.loss, errors, rtol=1e-5)


def test_inputs_that_a_dict_has_and_a_model_has_not_are_told(caplog):
    model = make("TFDistilBertModel")
    tokens = ids(2, 5)
    output = model({"input_ids": tokens, "token_type_ids": np.zeros_like(tokens)})
    np.testing.assert_array_equal(output[0], model(tokens)[0])
    assert "TFDistilBertModel has no input 'token_type_ids'; it takes input_ids, attention_mask" in caplog.text


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        ((), {}, ValueError, "You have to specify either input_ids or inputs_embeds: found neither"),
        ((np.ones((1, 3), int),), {"inputs_embeds": np.ones((1, 3, 24))}, ValueError, "found both"),
        ((np.ones(3, int),), {}, ValueError, r"input_ids has shape \(3,\); expected \[batch, seq\]"),
        ((np.ones((1, 41), int),), {}, ValueError, "the input has 41 positions, but the model knows 40: truncate"),
        ((np.ones((1, 3), int), np.ones((1, 4))), {}, ValueError, r"attention_mask has shape \(1, 4\); expected"),
        ((np.ones((1, 3), int),), {"token_types": 1}, TypeError, "has no argument 'token_types'; it takes input_ids"),
        (({"input_ids": np.ones((1, 3), int)},), {"input_ids": np.ones((1, 3), int)}, TypeError, "two values for"),
        ((np.ones((1, 3), int),) * 12, {}, TypeError, "takes 9 arguments, found 12"),
        ((np.ones((2, 3), int),), {"labels": np.ones(3, int)}, ValueError, r"labels has shape \(3,\), but the model"),
        ((tf.ragged.constant([[1, 2], [3]]),), {}, ValueError, r"input_ids is a ragged tensor; .*padding=True.*to_te"),
        (({"input_ids": [[1, 2], [3]]},), {}, ValueError, r"input_ids has rows of 1 to 2 entries; .*padding=True"),
        ((np.ones((2, 3), int), [[1, 1, 1], [1]]), {}, ValueError, "attention_mask has rows of 1 to 3 entries"),
        ((tf.sparse.from_dense([[1, 2]]),), {}, TypeError, "input_ids is a sparse tensor; .*tf.sparse.to_dense"),
        ((["some words"],), {}, TypeError, r"input_ids is text; .*tokenizer\(texts"),
        (({"input_ids": {1, 2}},), {}, ValueError, "input_ids is a set that makes no array"),
    ],
)
def test_calls_that_cannot_be(model, args, kwargs, error, message):
    with pytest.raises(error, match=message):
        model(*args, **kwargs)


def test_a_choice_needs_three_axes():
    with pytest.raises(ValueError, match=r"takes input_ids of shape \[batch, choices, seq\], found \(2, 7\)"):
        make("TFBertForMultipleChoice")(ids(2, 7))


def test_dummy_inputs():
    for name in ("TFBertModel", "TFBertForMultipleChoice"):
        model = make(name)
        assert model(model.dummy_inputs)[0].shape[0] == len(model.dummy_inputs["input_ids"])


def test_a_model_is_made_from_a_configuration():
    from formers import TFBertModel

    with pytest.raises(ValueError, match=r"takes a configuration, found str; .* use TFBertModel.from_pretrained"):
        TFBertModel("bert-base-uncased")
    with pytest.raises(NotImplementedError, match="no cross-attention: load the model with PyTorch"):
        TFBertModel(tiny.config("TFBertModel", is_decoder=True))


@pytest.mark.parametrize("wrong", [-1, -100, 120])
def test_words_that_the_model_has_not_are_named(wrong):
    """Keras would take the last word for -1."""
    rows = ids(2, 5)
    rows[1, 3] = wrong
    words = rf"input_ids\[1, 3\] is {wrong}, but the model knows 0 to \d+: check .*resize_token_embeddings"
    with pytest.raises(IndexError, match=words):
        make("TFBertModel")(rows)
    for name in ("TFGPT2LMHeadModel", "TFT5ForConditionalGeneration"):
        with pytest.raises(IndexError, match=words):
            make(name).generate(rows, max_length=7)
    with pytest.raises(IndexError, match=words):
        make("TFT5Model")({"input_ids": ids(2, 5), "decoder_input_ids": rows})


@pytest.mark.parametrize("name", tiny.keras_classes())
def test_classes_are_made_like_any_other(name):
    cls = getattr(formers, name)
    assert pickle.loads(pickle.dumps(cls)) is cls and cls.__name__ == name and name.removeprefix("TF") in cls.__doc__
    assert keras.saving.get_registered_object(keras.saving.get_registered_name(cls)) is cls
    assert list(inspect.signature(cls.call).parameters)[1] == "inputs"


def test_a_subclass_leaves_its_parent_s_family_alone():
    class Own(formers.TFBertForMaskedLM):
        base_model_prefix = "mine"

    parent, family = formers.TFBertForMaskedLM, formers.TFBertForMaskedLM.family
    assert Own.family is family is formers.TFBertModel.family and parent.base_model_prefix == "bert"
    assert Own(tiny.config("TFBertForMaskedLM")).mine(ids(1, 3))[0].shape == (1, 3, 24)
