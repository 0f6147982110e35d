"""Decoders and encoder-decoder models in Keras: caches, heads, losses, training, files."""

import h5py
import keras
import numpy as np
import pytest
import tensorflow as tf
import torch
from tests import tiny
from tests.golden_data import GOLDEN, Recorded, assert_close, leaves, model_folders
from tests.tiny import ids, make

import formers

# --- the same numbers as PyTorch's classes ----------------------------------------------------------------------------


# Keras classes that the original did not have, so that there are no recorded calls of them.
WITHOUT_RECORDS = [
    folder
    for folder in model_folders()
    if (name := folder.partition("@")[0]) in tiny.twins() and not (GOLDEN / "models_tf" / f"TF{name}").exists()
]


@pytest.mark.parametrize("folder", WITHOUT_RECORDS)
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
    model, keras_model = tiny.pair(
        "T5ForConditionalGeneration", feed_forward_proj=prefix, tie_word_embeddings=False, num_decoder_layers=1
    )
    inputs = tiny.inputs("T5Model")
    assert_close(leaves(keras_model(inputs)), leaves(model(**tiny.tensors(inputs))))
    # Its map to the vocabulary is no copy of the words, and must be in the file.
    keras_model.save_pretrained(tmp_path, format="h5")
    with h5py.File(tmp_path / "tf_model.h5") as file:
        assert "lm_head" in file and "shared" in file
    again = formers.T5ForConditionalGeneration.from_pretrained(tmp_path, from_tf=True)
    assert_close(leaves(again(**tiny.tensors(inputs))), leaves(keras_model(inputs)))
    keras_model.resize_token_embeddings(90)
    assert keras_model(inputs)[0].shape[-1] == 90
    np.testing.assert_allclose(keras_model(inputs)[0], model(**tiny.tensors(inputs))[0][..., :90].detach(), atol=1e-5)


@pytest.mark.parametrize("kind", ["first", "mean", "last", "cls_index"])
def test_what_the_multiple_choice_head_reads(kind):
    model, keras_model = tiny.pair("GPT2DoubleHeadsModel", summary_type=kind, summary_activation="tanh")
    inputs = {"input_ids": ids(2, 3, 7), "mc_token_ids": np.array([[1, 2, 3], [6, 5, 4]])}
    assert_close(leaves(keras_model(inputs)), leaves(model(**tiny.tensors(inputs))))


def test_pruning_joined_projections():
    model, keras_model = tiny.pair("GPT2Model")
    for each in (model, keras_model):
        each.config.pruned_heads = {}
        each.prune_heads({0: [1]})
    assert_close(leaves(keras_model(ids(2, 6))), leaves(model(torch.from_numpy(ids(2, 6)).long())))
    with pytest.raises(NotImplementedError, match="cannot prune heads"):
        make("TFT5Model").prune_heads({0: [1]})


def test_head_masks_reach_the_attention_to_the_encoder():
    model, keras_model = tiny.pair("T5Model")
    inputs = tiny.inputs("T5Model")
    mask = np.array([[1.0, 0.0, 1.0], [0.5, 1.0, 1.0]], "float32")
    ours = keras_model({**inputs, "head_mask": mask})
    assert_close(leaves(ours), leaves(model(**tiny.tensors(inputs), head_mask=torch.from_numpy(mask))))


# --- caches -----------------------------------------------------------------------------------------------------------


def test_left_padding_does_not_change_what_follows():
    model, tokens = make("TFGPT2LMHeadModel"), ids(1, 4)
    padded = np.concatenate([np.zeros((1, 3), "int32"), tokens], 1)
    mask, places = np.array([[0, 0, 0, 1, 1, 1, 1]]), np.array([[0, 0, 0, 0, 1, 2, 3]])
    expected = model(tokens)[0]
    np.testing.assert_allclose(model(padded, attention_mask=mask, position_ids=places)[0][:, 3:], expected, atol=1e-5)


def test_documented_caches_in_compiled_functions():
    model, tokens = make("TFGPT2LMHeadModel"), ids(2, 6)

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
    assert [layer.shape for layer in past] == [(2, 2, 4, 6, 6)] * 2


def test_one_text_without_an_axis_for_the_batch():
    model, tokens = make("TFGPT2LMHeadModel"), ids(1, 6)
    expected = model(tokens, output_hidden_states=True)
    output = model(tokens[0], output_hidden_states=True)
    assert_close(leaves(output.hidden_states), [state[0] for state in leaves(expected.hidden_states)])
    logits, past = model(tokens[0, :3])
    assert logits.shape == (3, model.config.vocab_size) and past[0].shape == (2, 1, 4, 3, 6)
    np.testing.assert_allclose(model(tokens[0, 3:], past=past)[0], expected.logits[0, 3:], atol=1e-5)
    with pytest.raises(ValueError, match="expected .batch, seq."):
        make("TFBertModel")(tokens[0])


@pytest.mark.parametrize("as_arrays", [False, True])
def test_masks_with_earlier_keys_and_values(as_arrays):
    """Masks cover what is in the cache, and come as tensors, arrays and from `shape_list`."""
    model, tokens, new = make("TFGPT2Model"), ids(2, 7), ids(2, 1, seed=1)
    mask = np.array([[1] * 3 + [0] * 4] * 2)
    past = model(tokens, attention_mask=tf.constant(mask))[1]
    longer = np.concatenate([mask, np.ones((formers.shape_list(tf.constant(mask))[0], 1), int)], 1)
    expected = model(np.concatenate([tokens, new], 1), attention_mask=longer)[0][:, -1:]
    past = [np.asarray(layer) for layer in past] if as_arrays else past
    longer = longer if as_arrays else tf.constant(longer)
    output = model(new, past=past, attention_mask=longer, use_cache=np.bool_(False))
    np.testing.assert_allclose(output[0], expected, atol=1e-5)
    assert output.past_key_values is None


CHOOSERS = [name for name in tiny.keras_classes() if "DoubleHeads" in name]


@pytest.mark.parametrize("name", CHOOSERS)
@pytest.mark.parametrize("shape", [(2, 3, 7), (2, 7), (7,)])
def test_double_heads_take_inputs_of_any_axes(name, shape):
    """With every optional argument, ids or vectors."""
    model, tokens = make(name), ids(*shape)
    layers, heads = model.config.n_layer, model.config.n_head
    options = {
        "attention_mask": np.ones(shape), "token_type_ids": ids(*shape, seed=1),
        "position_ids": np.broadcast_to(np.arange(7), shape).copy(), "head_mask": np.ones((layers, heads)),
        "mc_token_ids": np.full(shape[:-1], 4),
    }  # fmt: skip
    flags = {"output_attentions": True, "output_hidden_states": True}
    expected = model(tokens, **options, **flags)
    assert expected.lm_logits.shape == (*shape, model.config.vocab_size)
    assert expected.mc_logits.shape == shape[:-1]
    flat = int(np.prod(shape[:-1]))
    assert all(states.shape == (flat, 7, model.config.n_embd) for states in expected.hidden_states)
    vectors = model.get_input_embeddings()(tokens)
    assert_close(leaves(model({"inputs_embeds": vectors, **options}, **flags)), leaves(expected))


def test_what_is_no_cache():
    model = make("TFGPT2Model")
    with pytest.raises(ValueError, match="an entry for each of 2 layers, found 1 entries"):
        model(ids(2, 1), past=(np.zeros((2, 2, 4, 3, 6), "float32"),))
    with pytest.raises(ValueError, match="expected a tuple over layers of .key, value, cross key, cross value. .T5."):
        make("TFT5Model")(
            {"input_ids": ids(2, 3), "decoder_input_ids": ids(2, 1)},
            decoder_past_key_value_states=[[np.zeros((2, 3, 3, 7), "float32")]] * 2,
        )
    past = model(ids(2, 31))[1]
    assert model(ids(2, 1), past=past)[0].shape == (2, 1, 24)
    with pytest.raises(ValueError, match="the input has 33 positions, but the model knows 32"):
        model(ids(2, 2), past=past)


# --- inputs -----------------------------------------------------------------------------------------------------------


def test_the_decoder_needs_something_to_read():
    with pytest.raises(ValueError, match=r"the decoder has nothing to read.* decoder_start_token_id \(0\); to let"):
        make("TFT5Model")(ids(2, 3))
    with pytest.raises(ValueError, match="without input_ids there is nothing to make decoder_input_ids of"):
        make("TFBartModel")({"encoder_outputs": (np.zeros((1, 2, 24), "float32"),)})
    with pytest.raises(ValueError, match="needs the end-of-sentence token 2"):
        make("TFBartForSequenceClassification")(ids(2, 3))
    with pytest.raises(ValueError, match="the input has 50 positions, but the model knows 40"):
        make("TFBartModel")(ids(2, 3), decoder_input_ids=ids(2, 50))
    model = make("TFT5ForConditionalGeneration")
    assert model(model.dummy_inputs)[0].shape == (3, 5, model.config.vocab_size)


def test_vectors_in_place_of_ids():
    model, inputs = make("TFT5Model"), tiny.inputs("T5Model")
    words = model.get_input_embeddings()
    embedded = {
        "inputs_embeds": words(inputs["input_ids"]), "decoder_inputs_embeds": words(inputs["decoder_input_ids"]),
        "attention_mask": inputs["attention_mask"],
    }  # fmt: skip
    assert_close(leaves(model(embedded)), leaves(model(inputs)))
    model, words = (model := make("TFGPT2Model")), model.get_input_embeddings()
    assert_close(leaves(model(inputs_embeds=words(ids(2, 6)))), leaves(model(ids(2, 6))))


def test_tasks_of_bart_take_labels():
    model, inputs = make("TFBartForConditionalGeneration"), tiny.inputs("BartModel")
    labels = np.where(inputs["decoder_input_ids"] > 25, -100, inputs["decoder_input_ids"])
    output = model(inputs, labels=labels)
    assert output.keys()[:2] == ("loss", "logits") and output.past_key_values is None
    theirs = formers.load_tf2_model_in_pytorch_model(formers.BartForConditionalGeneration(model.config), model).eval()
    expected = theirs(**tiny.tensors(inputs), labels=torch.from_numpy(labels).long())[0].detach()
    assert output.loss.shape == (np.sum(labels != -100),)
    np.testing.assert_allclose(np.mean(output.loss), expected, rtol=1e-5)


def test_stacks_take_their_documented_arguments():
    model = make("TFT5Model")
    assert model.get_encoder() is model.encoder and model.get_decoder() is model.decoder
    assert model.encoder.embed_tokens is model.decoder.embed_tokens is model.shared
    mask, tokens = np.array([[1] * 5, [1] * 3 + [0] * 2]), ids(2, 4, seed=1)
    (states,) = model.encoder(ids(2, 5), attention_mask=mask, use_cache=False)
    whole = model({"input_ids": ids(2, 5), "attention_mask": mask, "decoder_input_ids": tokens}, use_cache=False)
    encoder = {"encoder_hidden_states": states, "encoder_attention_mask": mask}
    np.testing.assert_allclose(model.decoder(tokens, **encoder)[0], whole[0], atol=1e-5)
    _, past = model.decoder(tokens[:, :3], **encoder, use_cache=True)
    last, past, hidden = model.decoder(
        tokens[:, 3:], **encoder, past_key_value_states=past, use_cache=True, output_hidden_states=True
    )
    np.testing.assert_allclose(last, whole[0][:, 3:], atol=1e-5)
    assert [key.shape[2] for key, *_ in past] == [4, 4] and len(hidden) == 3
    vectors = model.shared(tokens)
    np.testing.assert_allclose(model.decoder(inputs_embeds=vectors, **encoder)[0], whole[0], atol=1e-5)


def test_a_stack_is_a_layer_of_functional_models(tmp_path):
    model = make("TFT5Model")
    layer = type(model.encoder)(model.config, embed_tokens=formers.TFSharedEmbeddings(model.config.vocab_size, 24))
    inputs = {name: keras.Input((7,), dtype="int32", name=name) for name in ("input_ids", "attention_mask")}
    functional = keras.Model(inputs, outputs=layer(inputs)[0])
    features = {"input_ids": ids(2, 7), "attention_mask": np.ones((2, 7), "int32")}
    functional.save(tmp_path / "model.keras")
    loaded = keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(features), functional(features))


# --- training ---------------------------------------------------------------------------------------------------------


def test_a_language_model_learns():
    keras.utils.set_random_seed(0)
    model = make("TFGPT2LMHeadModel")
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    texts = (np.arange(48)[:, None] + np.arange(7)) % 40 + 5  # every token is the one before it and one
    history = model.fit({"input_ids": texts[:, :-1]}, texts[:, 1:], batch_size=16, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 3
    assert model.evaluate({"input_ids": texts[:, :-1]}, texts[:, 1:], verbose=0) < 1.5
    # Keys and values of batches could not be joined: 48 texts are not a multiple of 20.
    predicted = model.predict({"input_ids": texts[:, :-1]}, batch_size=20, verbose=0)
    assert [value.shape for value in leaves(predicted)] == [(48, 6, model.config.vocab_size)]
    assert len(model(texts[:, :-1])) == 2


@pytest.mark.parametrize("name", ["TFT5ForConditionalGeneration", "TFMarianMTModel"])
def test_pairs_learn(name):
    keras.utils.set_random_seed(0)
    model = make(name, encoder_layerdrop=0.2, decoder_layerdrop=0.2)
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    texts = np.repeat(ids(4, 5), 8, 0)
    start = np.full((32, 1), model.config.decoder_start_token_id)
    inputs = {"input_ids": texts, "decoder_input_ids": np.concatenate([start, texts[:, :-1]], 1)}
    history = model.fit(inputs, texts, batch_size=16, epochs=20, verbose=0).history
    assert history["loss"][-1] < history["loss"][0] / 2


@pytest.mark.parametrize("name", tiny.pairs(tiny.keras_classes()))
def test_gradients_reach_all_weights_of_encoder_and_decoder(name):
    model = make(name)
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(model(tiny.inputs(name), use_cache=False)[0] ** 2)
    gradients = tape.gradient(loss, model.trainable_weights)
    unreached = [w.path for w, gradient in zip(model.trainable_weights, gradients, strict=True) if gradient is None]
    assert unreached == []


def test_newly_initialised_weights_of_t5():
    """Their std follows from the widths."""
    options = {"d_model": 256, "d_kv": 16, "num_heads": 16, "d_ff": 400}
    config_of_t5 = formers.T5Config(vocab_size=500, num_layers=1, decoder_start_token_id=0, **options)
    model, theirs = formers.TFT5Model(config_of_t5), formers.T5Model(config_of_t5)
    twin_model = formers.load_pytorch_model_in_tf2_model(formers.TFT5Model(config_of_t5), theirs)
    for fresh, loaded in zip(model.weights, twin_model.weights, strict=True):
        if len(fresh.shape) == 2:
            assert np.std(fresh) == pytest.approx(np.std(loaded), rel=0.25), fresh.path


# --- files ------------------------------------------------------------------------------------------------------------


AUTO = {name: getattr(formers, name)._table for name in dir(formers) if name.startswith("TFAutoModel")}
PICKED = {cls.__name__: auto for auto, table in AUTO.items() for cls in table.values()}


@pytest.mark.parametrize("name", [name for name in tiny.keras_classes() if name in PICKED])
@pytest.mark.filterwarnings("ignore:TFAutoModelWithLMHead:FutureWarning")
def test_auto_classes_read_files_of_pytorch(name, tmp_path):
    make(name.removeprefix("TF")).save_pretrained(tmp_path, format="bin")
    assert type(getattr(formers, PICKED[name]).from_pretrained(tmp_path)) is getattr(formers, name)


def test_saving_whole_models(tmp_path):
    for name in ("TFGPT2LMHeadModel", "TFT5Model", "TFBartModel"):
        model, inputs = make(name), tiny.inputs(name)
        model.save(tmp_path / f"{name}.keras")
        loaded = keras.models.load_model(tmp_path / f"{name}.keras")
        for ours, theirs in zip(leaves(loaded(inputs)), leaves(model(inputs)), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_files_without_the_bias_on_the_encoder(tmp_path):
    """Files saved since that bias was dropped lack it: it is zero then."""
    from safetensors import safe_open
    from safetensors.numpy import load_file, save_file

    make("TFT5Model").save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    held = load_file(path)
    with safe_open(path, framework="numpy") as file:
        notes = file.metadata()
    name = "decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight"
    assert np.any(held.pop(name))
    save_file(held, path, metadata=notes)
    model, info = formers.TFT5Model.from_pretrained(tmp_path, output_loading_info=True)
    assert info["missing_keys"] == info["initialized_keys"] == []
    theirs = formers.T5Model.from_pretrained(tmp_path)
    assert not theirs.state_dict()[name].any()
    inputs = tiny.inputs("T5Model")
    assert_close(leaves(model(inputs)), leaves(theirs(**tiny.tensors(inputs))))


def test_parts_of_t5():
    model = make("TFT5ForConditionalGeneration")
    assert model.shared is model.get_input_embeddings() is model.get_output_embeddings().token_embeddings
    assert model.encoder is model.get_encoder() and model.decoder is model.get_decoder()
    model.set_input_embeddings(np.zeros((60, 24), "float32"))
    assert model(tiny.inputs("T5Model"))[0].shape[-1] == 60 and not np.any(model(tiny.inputs("T5Model"))[0])
