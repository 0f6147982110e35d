"""Decoders and encoder-decoder models in Keras: caches, heads, losses, training, files."""
import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from tests.golden_data import Recorded, assert_close, leaves, model_folders

import formers
from formers.backends.keras.caches import Cache

from .models import PAIRED, config, ids, inputs_for, make, tensors

CACHED = [
    ("gpt2", "TFGPT2LMHeadModel"), ("ctrl", "TFCTRLLMHeadModel"), ("t5", "TFT5ForConditionalGeneration"),
    ("bart", "TFBartForConditionalGeneration"), ("marian", "TFMarianMTModel"),
]  # fmt: skip
OF_DECODER = {True: "decoder_input_ids", False: "input_ids"}


def twin(name, family, **options):
    """A PyTorch model and a Keras model with the same weights."""
    model = make(family, name, **options).eval()
    return model, formers.load_pytorch_model_in_tf2_model(getattr(formers, f"TF{name}")(model.config), model)


# --- the same numbers as PyTorch's classes ----------------------------------------------------------------------------


@pytest.mark.parametrize("folder", model_folders("Bart", "Marian"))
def test_outputs_recorded_of_the_original_s_pytorch_classes(folder):
    recorded = Recorded(folder)
    model = getattr(formers, f"TF{recorded.cls}").from_pretrained(recorded.path)
    results = {}
    for case in recorded.cases:
        if case["mode"] == "train" or "labels" in case["name"]:  # losses are one number a token here
            continue
        results[case["name"]] = output = model(**recorded.arguments(case, lambda array: array, results))
        assert_close(leaves(output), recorded.expected(case))
    assert results


@pytest.mark.parametrize("prefix", ["gated-gelu", "gated-silu"])
def test_t5_of_version_1_1(prefix, tmp_path):
    model, keras_model = twin(
        "T5ForConditionalGeneration", "t5", feed_forward_proj=prefix, tie_word_embeddings=False, num_decoder_layers=1
    )
    inputs = inputs_for("T5")
    assert_close(leaves(keras_model(inputs)), leaves(model(**tensors(inputs))))
    # Its map to the vocabulary is no copy of the words, and must be in the file.
    keras_model.save_pretrained(tmp_path, format="h5")
    with h5py.File(tmp_path / "tf_model.h5") as file:
        assert "lm_head" in file and "shared" in file
    again = formers.T5ForConditionalGeneration.from_pretrained(tmp_path, from_tf=True)
    assert_close(leaves(again(**tensors(inputs))), leaves(keras_model(inputs)))
    keras_model.resize_token_embeddings(53)
    assert keras_model(inputs)[0].shape[-1] == 53
    np.testing.assert_allclose(keras_model(inputs)[0][..., :50], model(**tensors(inputs))[0].detach(), atol=1e-5)


@pytest.mark.parametrize("kind", ["first", "mean", "last", "cls_index"])
def test_what_the_multiple_choice_head_reads(kind):
    model, keras_model = twin("GPT2DoubleHeadsModel", "gpt2", summary_type=kind, summary_activation="tanh")
    inputs = {"input_ids": ids(2, 3, 7), "mc_token_ids": np.array([[1, 2, 3], [6, 5, 4]])}
    assert_close(leaves(keras_model(inputs)), leaves(model(**tensors(inputs))))


def test_pruning_joined_projections():
    model, keras_model = twin("GPT2Model", "gpt2")
    for each in (model, keras_model):
        each.config.pruned_heads = {}
        each.prune_heads({0: [1]})
    assert_close(leaves(keras_model(ids(2, 6))), leaves(model(torch.from_numpy(ids(2, 6)).long())))
    with pytest.raises(NotImplementedError, match="no pruning of heads"):
        make("t5", "TFT5Model").prune_heads({0: [1]})


def test_head_masks_reach_the_attention_to_the_encoder():
    model, keras_model = twin("T5Model", "t5")
    inputs = inputs_for("T5")
    mask = np.array([[1.0, 0.0], [0.5, 1.0]], "float32")
    ours = keras_model({**inputs, "head_mask": mask})
    assert_close(leaves(ours), leaves(model(**tensors(inputs), head_mask=torch.from_numpy(mask))))


# --- caches -----------------------------------------------------------------------------------------------------------


class Stepper:
    """Scores tokens with a cache of the library's own, as generation does; encoder states are given for the rest."""

    def __init__(self, family, name, encoder_rows=2):
        self.model = make(family, name)
        self.of_decoder = OF_DECODER[family in PAIRED]
        self.cache = Cache(2)
        self.encoder = {}
        if family in PAIRED:
            mask = np.ones((encoder_rows, 5), "int32")
            mask[0, -2:] = 0
            self.encoder = {"encoder_outputs": (self.model.get_encoder()(ids(encoder_rows, 5, seed=1))[0],)}
            self.encoder["attention_mask"] = mask

    def step(self, tokens):
        """Scores after the last of the new tokens."""
        flags = {"output_attentions": False, "output_hidden_states": False, "last_only": 1}
        inputs = {**dict.fromkeys(self.model.task.inputs), **self.encoder, **flags, "cache": self.cache}
        logits = self.model._run_heads(inputs | {self.of_decoder: tf.constant(tokens)})[0]
        assert logits.shape[1] == 1
        return logits[:, 0]

    def whole(self, tokens):
        """Scores after the last of all tokens, without a cache."""
        encoder = {}
        if self.encoder:
            times = len(tokens) // len(self.encoder["attention_mask"])
            encoder["encoder_outputs"] = (tf.repeat(self.encoder["encoder_outputs"][0], times, axis=0),)
            encoder["attention_mask"] = np.repeat(self.encoder["attention_mask"], times, 0)
        return self.model({**encoder, self.of_decoder: tokens}, use_cache=False)[0][:, -1]


@pytest.mark.parametrize(("family", "name"), CACHED)
@pytest.mark.parametrize("parts", [[1] * 5, [4, 2, 1]])
def test_cached_is_uncached(family, name, parts):
    stepper, tokens, done = Stepper(family, name), ids(2, 7), 0
    for part in parts:
        logits = stepper.step(tokens[:, done : done + part])
        done += part
        assert stepper.cache.length == done
        np.testing.assert_allclose(logits, stepper.whole(tokens[:, :done]), atol=1e-5)


@pytest.mark.parametrize(("family", "name"), CACHED)
def test_rows_of_a_cache_become_beams(family, name):
    """Rows are repeated, reordered and cropped; they share what is known of their encoder row."""
    stepper, tokens = Stepper(family, name), ids(6, 5)
    tokens[:, 0] = np.repeat(tokens[::3, 0], 3)  # three beams of one start each
    stepper.step(tokens[::3, :1])
    stepper.cache.expand(3)
    for end in range(2, 5):
        np.testing.assert_allclose(stepper.step(tokens[:, end - 1 : end]), stepper.whole(tokens[:, :end]), atol=1e-5)
    rows = np.array([1, 0, 2, 5, 5, 3])
    tokens = tokens[rows]
    stepper.cache.reorder(tf.constant(rows))
    stepper.cache.crop(2)
    np.testing.assert_allclose(stepper.step(tokens[:, 2:4]), stepper.whole(tokens[:, :4]), atol=1e-5)


def test_left_padding_does_not_change_what_follows():
    model, tokens = make("gpt2", "TFGPT2LMHeadModel"), ids(1, 4)
    padded = np.concatenate([np.zeros((1, 3), "int32"), tokens], 1)
    mask, places = np.array([[0, 0, 0, 1, 1, 1, 1]]), np.array([[0, 0, 0, 0, 1, 2, 3]])
    expected = model(tokens)[0]
    np.testing.assert_allclose(model(padded, attention_mask=mask, position_ids=places)[0][:, 3:], expected, atol=1e-5)


def test_documented_caches_in_compiled_functions():
    model, tokens = make("gpt2", "TFGPT2LMHeadModel"), ids(2, 6)

    @tf.function
    def start(ids):
        return model(ids)

    @tf.function(reduce_retracing=True)
    def go_on(ids, past):
        return model({"input_ids": ids, "past": past})

    logits, past = start(tf.constant(tokens[:, :2]))
    for place in range(2, 6):
        logits, past = go_on(tf.constant(tokens[:, place : place + 1]), past)
    np.testing.assert_allclose(logits[:, -1], model(tokens)[0][:, -1], atol=1e-5)
    assert [layer.shape for layer in past] == [(2, 2, 2, 6, 8)] * 2


def test_one_text_without_an_axis_for_the_batch():
    model, tokens = make("gpt2", "TFGPT2LMHeadModel"), ids(1, 6)
    expected = model(tokens, output_hidden_states=True)
    output = model(tokens[0], output_hidden_states=True)
    assert_close(leaves(output.hidden_states), [state[0] for state in leaves(expected.hidden_states)])
    logits, past = model(tokens[0, :3])
    assert logits.shape == (3, 50) and past[0].shape == (2, 1, 2, 3, 8)
    np.testing.assert_allclose(model(tokens[0, 3:], past=past)[0], expected.logits[0, 3:], atol=1e-5)
    with pytest.raises(ValueError, match="expected .batch, seq."):
        make("bert", "TFBertModel")(tokens[0])


def test_what_is_no_cache():
    model = make("gpt2", "TFGPT2Model")
    with pytest.raises(ValueError, match="an entry for each of 2 layers, found 1 entries"):
        model(ids(2, 1), past=(np.zeros((2, 2, 2, 3, 8), "float32"),))
    with pytest.raises(ValueError, match="expected a tuple over layers of .key, value, cross key, cross value. .T5."):
        make("t5", "TFT5Model")(
            {"input_ids": ids(2, 3), "decoder_input_ids": ids(2, 1)},
            decoder_past_key_value_states=[[np.zeros((2, 2, 3, 6), "float32")]] * 2,
        )
    past = model(ids(2, 23))[1]
    assert model(ids(2, 1), past=past)[0].shape == (2, 1, 16)
    with pytest.raises(ValueError, match="the input has 25 positions, but the model knows 24"):
        model(ids(2, 2), past=past)


# --- inputs -----------------------------------------------------------------------------------------------------------


def test_the_decoder_needs_something_to_read():
    with pytest.raises(ValueError, match=r"the decoder has nothing to read.* decoder_start_token_id \(0\); to let"):
        make("t5", "TFT5Model")(ids(2, 3))
    with pytest.raises(ValueError, match="without input_ids there is nothing to make decoder_input_ids of"):
        make("bart", "TFBartModel")({"encoder_outputs": (np.zeros((1, 2, 16), "float32"),)})
    with pytest.raises(ValueError, match="needs the end-of-sentence token 2"):
        make("bart", "TFBartForSequenceClassification")(ids(2, 3))
    with pytest.raises(ValueError, match="the input has 30 positions, but the model knows 24"):
        make("bart", "TFBartModel")(ids(2, 3), decoder_input_ids=ids(2, 30))
    model = make("t5", "TFT5ForConditionalGeneration")
    assert model(model.dummy_inputs)[0].shape == (3, 5, 50)


def test_vectors_in_place_of_ids():
    model, inputs = make("t5", "TFT5Model"), inputs_for("T5")
    words = model.get_input_embeddings()
    embedded = {
        "inputs_embeds": words(inputs["input_ids"]), "decoder_inputs_embeds": words(inputs["decoder_input_ids"]),
        "attention_mask": inputs["attention_mask"],
    }  # fmt: skip
    assert_close(leaves(model(embedded)), leaves(model(inputs)))
    model, words = (model := make("gpt2", "TFGPT2Model")), model.get_input_embeddings()
    assert_close(leaves(model(inputs_embeds=words(ids(2, 6)))), leaves(model(ids(2, 6))))


def test_tasks_of_bart_take_labels():
    model, inputs = make("bart", "TFBartForConditionalGeneration"), inputs_for("Bart")
    labels = np.where(inputs["decoder_input_ids"] > 25, -100, inputs["decoder_input_ids"])
    output = model(inputs, labels=labels)
    assert output.keys()[:2] == ("loss", "logits") and output.past_key_values is None
    theirs = formers.load_tf2_model_in_pytorch_model(formers.BartForConditionalGeneration(model.config), model).eval()
    expected = theirs(**tensors(inputs), labels=torch.from_numpy(labels).long())[0].detach()
    assert output.loss.shape == (np.sum(labels != -100),)
    np.testing.assert_allclose(np.mean(output.loss), expected, rtol=1e-5)


# --- training ---------------------------------------------------------------------------------------------------------


def test_a_language_model_learns():
    keras.utils.set_random_seed(0)
    model = make("gpt2", "TFGPT2LMHeadModel")
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    texts = (np.arange(48)[:, None] + np.arange(7)) % 40 + 5  # every token is the one before it and one
    history = model.fit({"input_ids": texts[:, :-1]}, texts[:, 1:], batch_size=16, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 3
    assert model.evaluate({"input_ids": texts[:, :-1]}, texts[:, 1:], verbose=0) < 1.5
    # Keys and values of batches could not be joined: 48 texts are no multiple of 20.
    predicted = model.predict({"input_ids": texts[:, :-1]}, batch_size=20, verbose=0)
    assert [value.shape for value in leaves(predicted)] == [(48, 6, 50)]
    assert len(model(texts[:, :-1])) == 2


@pytest.mark.parametrize(
    ("family", "name"), [("t5", "TFT5ForConditionalGeneration"), ("marian", "TFMarianMTModel")]
)
def test_pairs_learn(family, name):
    keras.utils.set_random_seed(0)
    model = make(family, name, encoder_layerdrop=0.2, decoder_layerdrop=0.2)
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    texts = np.repeat(ids(4, 5), 8, 0)
    start = np.full((32, 1), model.config.decoder_start_token_id)
    inputs = {"input_ids": texts, "decoder_input_ids": np.concatenate([start, texts[:, :-1]], 1)}
    history = model.fit(inputs, texts, batch_size=16, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 2


def test_gradients_reach_all_weights_of_encoder_and_decoder():
    for family, name in (("t5", "TFT5ForConditionalGeneration"), ("bart", "TFBartForConditionalGeneration")):
        model = make(family, name)
        with tf.GradientTape() as tape:
            loss = tf.reduce_sum(model(inputs_for(name), use_cache=False)[0] ** 2)
        gradients = tape.gradient(loss, model.trainable_weights)
        assert all(gradient is not None for gradient in gradients)


def test_fresh_weights_of_t5():
    """Deviations follow from the widths."""
    options = {"d_model": 256, "d_kv": 16, "num_heads": 16, "d_ff": 400}
    config_of_t5 = formers.T5Config(vocab_size=500, num_layers=1, decoder_start_token_id=0, **options)
    model, theirs = formers.TFT5Model(config_of_t5), formers.T5Model(config_of_t5)
    parameters = dict(theirs.state_dict())
    twin_model = formers.load_pytorch_model_in_tf2_model(formers.TFT5Model(config_of_t5), theirs)
    for fresh, loaded in zip(model.weights, twin_model.weights, strict=True):
        if len(fresh.shape) == 2:
            assert np.std(fresh) == pytest.approx(np.std(loaded), rel=0.25), fresh.path
    assert parameters


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "name", "auto"),
    [
        ("gpt2", "TFGPT2LMHeadModel", "TFAutoModelWithLMHead"), ("ctrl", "TFCTRLModel", "TFAutoModel"),
        ("openai-gpt", "TFOpenAIGPTModel", "TFAutoModel"),
        ("t5", "TFT5ForConditionalGeneration", "TFAutoModelForPreTraining"), ("bart", "TFBartModel", "TFAutoModel"),
        ("bart", "TFBartForSequenceClassification", "TFAutoModelForSequenceClassification"),
        ("marian", "TFMarianMTModel", "TFAutoModelWithLMHead"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:TFAutoModelWithLMHead:FutureWarning")
def test_auto_classes(family, name, auto, tmp_path):
    make(family, name.removeprefix("TF")).save_pretrained(tmp_path, format="bin")
    assert type(getattr(formers, auto).from_pretrained(tmp_path)) is getattr(formers, name)


def test_saving_whole_models(tmp_path):
    for family, name in (("gpt2", "TFGPT2LMHeadModel"), ("t5", "TFT5Model"), ("bart", "TFBartModel")):
        model, inputs = make(family, name), inputs_for(name)
        model.save(tmp_path / f"{name}.keras")
        loaded = keras.models.load_model(tmp_path / f"{name}.keras")
        for ours, theirs in zip(leaves(loaded(inputs)), leaves(model(inputs)), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_main_layers_of_decoders_are_layers_of_functional_models(tmp_path):
    for main_layer, family in ((formers.TFGPT2MainLayer, "gpt2"), (formers.TFOpenAIGPTMainLayer, "openai-gpt")):
        layer = main_layer(config(family))
        tokens = keras.Input((7,), dtype="int32", name="input_ids")
        model = keras.Model(tokens, layer({"input_ids": tokens})[0])
        np.testing.assert_allclose(model(ids(2, 7)), layer(ids(2, 7))[0], atol=1e-6)
        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        np.testing.assert_array_equal(loaded(ids(2, 7)), model(ids(2, 7)))


@pytest.mark.parametrize(("family", "name"), CACHED)
def test_resizing_the_vocabulary_of_decoders(family, name, tmp_path):
    model, inputs = make(family, name), inputs_for(name)
    inputs = {key: value % 40 for key, value in inputs.items()}
    before, count = np.asarray(model(inputs)[0]), len(model.weights)
    table = model.resize_token_embeddings(57)
    assert table.weight.shape == (57, 16) and model.config.vocab_size == 57 and len(model.weights) == count
    after = model(inputs)[0]
    np.testing.assert_allclose(after[..., :50], before, atol=1e-6)
    assert after.shape[-1] == 57
    model.save_pretrained(tmp_path)
    again = getattr(formers, name.removeprefix("TF")).from_pretrained(tmp_path)
    np.testing.assert_allclose(again(**tensors(inputs))[0].detach(), after, atol=1e-5)


def test_files_without_the_bias_on_the_encoder(tmp_path):
    """Files saved since that bias was dropped lack it: it is zero then."""
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    make("t5", "TFT5Model").save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    held = load_file(path)
    with safe_open(path, framework="numpy") as file:
        notes = file.metadata()
    name = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    assert np.any(held.pop(name))
    save_file(held, path, metadata=notes)
    model, info = formers.TFT5Model.from_pretrained(tmp_path, output_loading_info=True)
    assert info["missing_keys"] == info["initialized_keys"] == []
    assert not np.any(model.decoder.cross_position_bias.table.embeddings)


def test_parts_of_t5():
    model = make("t5", "TFT5ForConditionalGeneration")
    assert model.shared is model.get_input_embeddings() is model.get_output_embeddings().table
    assert model.encoder is model.get_encoder() and model.decoder is model.get_decoder()
    assert model.encoder.embeddings.tokens is model.decoder.embeddings.tokens is model.shared
    model.set_input_embeddings(np.zeros((60, 16), "float32"))
    assert model(inputs_for("T5"))[0].shape[-1] == 60 and not np.any(model(inputs_for("T5"))[0])
