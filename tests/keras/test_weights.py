"""Weights of Keras models: files, conversion, resizing, pruning."""

import logging

import numpy as np
import pytest
import tensorflow as tf
import torch
from tests import tiny
from tests.golden_data import assert_close, leaves
from tests.tiny import ids, make

import formers
from formers.backends.keras import named_weights


def values(model):
    return {name: weight.numpy() for name, weight in named_weights(model).items()}


def weights_of(model):
    """The state dict of a PyTorch model without what follows from the configuration."""
    names = model.names
    follows = {name for name in model.state_dict() if names.is_ignored(name) and not names.is_optional(name)}
    return {name: value.numpy() for name, value in model.state_dict().items() if name not in follows}


def assert_same(ours, theirs):
    assert sorted(ours) == sorted(theirs)
    for name in ours:
        np.testing.assert_array_equal(ours[name], theirs[name], err_msg=name)


@pytest.mark.parametrize("name", tiny.twins())
def test_there_and_back_again(name, tmp_path):
    """PyTorch to Keras to PyTorch, model to model and by files: weights bit for bit, outputs within 1e-5."""
    model = make(name)
    state = weights_of(model)
    inputs = tiny.inputs(name)
    expected = leaves(model(**tiny.tensors(inputs)))
    twin_class = getattr(formers, f"TF{name}")
    twin = formers.load_pytorch_model_in_tf2_model(twin_class(model.config), model)
    assert_same(values(twin), state)
    assert_close(leaves(twin(inputs)), expected)
    back = formers.load_tf2_model_in_pytorch_model(type(model)(model.config), twin)
    assert_same(weights_of(back), state)
    for format in ("safetensors", "h5"):
        twin.save_pretrained(tmp_path / format, format=format)
        for cls, options in ((twin_class, {}), (type(model), {"from_tf": True})):
            loaded, info = cls.from_pretrained(tmp_path / format, output_loading_info=True, **options)
            assert info["initialized_keys"] == info["unexpected_keys"] == []
            found = values(loaded) if cls is twin_class else weights_of(loaded)
            assert_same(found, state)
    assert loaded.config.architectures == [name]


def test_files_of_pytorch_are_found_without_being_asked_for(tmp_path):
    model = make("DistilBertForMaskedLM").eval()
    model.save_pretrained(tmp_path, format="bin")
    for options in ({}, {"from_pt": True}):
        twin = formers.TFDistilBertForMaskedLM.from_pretrained(tmp_path, **options)
        np.testing.assert_allclose(twin(ids(2, 6))[0], model(torch.from_numpy(ids(2, 6)).long())[0].detach(), atol=1e-5)
    auto = formers.TFAutoModelWithLMHead.from_pretrained(tmp_path)
    assert type(auto) is formers.TFDistilBertForMaskedLM


def test_conversion_by_files(tmp_path):
    model = make("BertModel").eval()
    model.save_pretrained(tmp_path, format="bin")
    twin = formers.load_pytorch_checkpoint_in_tf2_model(
        formers.TFBertModel(model.config), tmp_path / "pytorch_model.bin", tf_inputs={"input_ids": ids(1, 4)}
    )
    assert_same(values(twin), {key: value.numpy() for key, value in model.state_dict().items()})
    twin.save_weights(tmp_path / "tf_model.h5")
    back = formers.load_tf2_checkpoint_in_pytorch_model(formers.BertModel(model.config), tmp_path / "tf_model.h5")
    assert all(torch.equal(back.state_dict()[key], value) for key, value in model.state_dict().items())


def test_conversion_names_what_is_missing():
    small, base = make("BertModel"), make("TFBertForSequenceClassification")
    before = np.array(base.classifier.kernel)
    with pytest.raises(AttributeError, match=r"TFBertForSequenceClassification needs weights .*: classifier.weight \["):
        formers.load_pytorch_model_in_tf2_model(base, small)
    formers.load_pytorch_model_in_tf2_model(base, small, allow_missing_keys=True)
    np.testing.assert_array_equal(base.classifier.kernel, before)
    state = small.state_dict() | {"embeddings.word_embeddings.weight": torch.zeros(7, 24)}
    with pytest.raises(RuntimeError, match=r"word_embeddings.*: the checkpoint has \[7, 24\], the model \[99, 24\]"):
        formers.load_pytorch_weights_in_tf2_model(base, state, allow_missing_keys=True)
    with pytest.raises(AttributeError, match="needs weights"):
        formers.load_tf2_weights_in_pytorch_model(small, base.weights[:3])


@pytest.mark.parametrize(
    ("variable", "expected"),
    [
        ("m/bert/encoder/layer_._11/output/dense/kernel:0", ("bert.encoder.layer.11.output.dense.weight", True)),
        ("m/mlm___cls/predictions/transform/LayerNorm/beta:0", ("cls.predictions.transform.LayerNorm.bias", False)),
        ("m/bert/embeddings/position_embeddings/embeddings:0", ("bert.embeddings.position_embeddings.weight", False)),
    ],
)
def test_names_of_variables(variable, expected):
    assert formers.convert_tf_weight_name_to_pt_weight_name(variable) == expected
    name = formers.convert_tf_weight_name_to_pt_weight_name(variable, start_prefix_to_remove="bert.")[0]
    assert name == expected[0].removeprefix("bert.")


def test_missing_and_unexpected_weights_are_reported(tmp_path, caplog):
    make("TFBertForMaskedLM").save_pretrained(tmp_path)
    with caplog.at_level(logging.WARNING):
        model, info = formers.TFBertForSequenceClassification.from_pretrained(
            tmp_path, num_labels=4, output_loading_info=True
        )
    assert info["initialized_keys"] == ["classifier.weight", "classifier.bias"]
    assert all(name.startswith("cls.predictions") for name in info["unexpected_keys"])
    assert "classifier.weight [4, 24]" in caplog.text and "cls.predictions.transform.dense.weight" in caplog.text
    kernel = np.asarray(model.classifier.kernel)
    assert kernel.shape == (24, 4) and 0.05 < kernel.std() < 0.5 and not np.any(model.classifier.bias)
    model.save_pretrained(tmp_path / "4")
    with pytest.raises(RuntimeError, match=r"classifier.weight: the checkpoint has \[4, 24\], the model \[7, 24\]"):
        formers.TFBertForSequenceClassification.from_pretrained(tmp_path / "4", num_labels=7)
    other = formers.TFBertForSequenceClassification.from_pretrained(
        tmp_path / "4", num_labels=7, ignore_mismatched_sizes=True
    )
    assert other(ids(2, 5))[0].shape == (2, 7)


def test_there_must_be_a_file(tmp_path):
    tiny.config("TFBertModel").save_pretrained(tmp_path)
    with pytest.raises(OSError, match=r"has no weights: expected one of model.safetensors, .*It holds config.json"):
        formers.TFBertModel.from_pretrained(tmp_path)
    with pytest.raises(ValueError, match="format is 'pickle'; expected one of safetensors, h5"):
        make("TFBertModel").save_pretrained(tmp_path, format="pickle")


@pytest.mark.parametrize("name", ["weights.weights.h5", "tf_model.h5"])
def test_save_weights(name, tmp_path):
    model, other = make("TFBertForMaskedLM"), make("TFBertForMaskedLM")
    model.save_weights(tmp_path / name)
    other.load_weights(tmp_path / name)
    assert_same(values(other), values(model))
    with pytest.raises(FileExistsError, match="is there already") if name == "tf_model.h5" else pytest.raises(OSError):
        other.save_weights(tmp_path / name, overwrite=False) if name == "tf_model.h5" else other.load_weights("no.h5")


def test_save_the_whole_model(tmp_path):
    model = make("TFRobertaForTokenClassification")
    model.save(tmp_path / "model.keras")
    loaded = tf.keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(loaded(ids(2, 6))[0], model(ids(2, 6))[0])
    model.export(
        tmp_path / "exported", input_signature=[{"input_ids": tf.TensorSpec([None, None], tf.int32)}], verbose=False
    )
    exported = tf.saved_model.load(tmp_path / "exported")
    np.testing.assert_allclose(exported.serve({"input_ids": ids(2, 6)})[0], model(ids(2, 6))[0], atol=1e-6)


@pytest.mark.parametrize("name", [name for name in tiny.language_models() if name in tiny.twins()])
def test_resizing_the_vocabulary(name, tmp_path):
    model, inputs = make(f"TF{name}"), tiny.inputs(name)
    old, count = model.config.vocab_size, len(model.weights)
    new, before = old + 7, np.asarray(model(inputs)[0])
    table = model.resize_token_embeddings(new)
    assert table.weight.shape[0] == new == model.config.vocab_size and len(model.weights) == count
    after = model(inputs)[0]
    np.testing.assert_allclose(after[..., :old], before, atol=1e-5)
    assert np.std(table.weight[old:]) > 0 and after.shape[-1] == new
    model.save_pretrained(tmp_path)
    again = getattr(formers, name).from_pretrained(tmp_path)
    np.testing.assert_allclose(again(**tiny.tensors(inputs))[0].detach(), after, atol=1e-5)
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.resize_token_embeddings(60)
    assert model(inputs)[0].shape[-1] == 60
    with pytest.raises(ValueError, match="new_num_tokens is 0"):
        model.resize_token_embeddings(0)
    assert model.resize_token_embeddings() is model.get_input_embeddings()


@pytest.mark.parametrize(
    "name", ["TFDistilBertForTokenClassification", "TFBertForMaskedLM", "TFT5ForConditionalGeneration"]
)
def test_training_goes_on_after_resizing(name):
    """Without compiling again: functions are traced again, and the optimizer knows what it knew."""
    model, inputs = make(name), tiny.inputs(name)
    labels = ids(*inputs["input_ids"].shape) % 2
    model.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    for _ in range(2):
        model.fit(inputs, labels, verbose=0)
    momenta = _momenta(model)
    model.predict(inputs, verbose=0)
    before = np.asarray(model(inputs)[0])
    model.resize_token_embeddings(120)
    grown = _momenta(model)
    assert int(model.optimizer.iterations) == 2 and grown.keys() == momenta.keys()
    for path, value in momenta.items():
        assert np.any(value) or "pooler" in path
        np.testing.assert_array_equal(grown[path][tuple(map(slice, value.shape))], value)
    after = model.predict(inputs, verbose=0)
    after = np.asarray(after[0] if isinstance(after, tuple) else after)
    np.testing.assert_allclose(after[..., : before.shape[-1]], before, atol=1e-5)
    model.fit({**inputs, "input_ids": np.full_like(inputs["input_ids"], 119)}, labels, verbose=0)
    assert int(model.optimizer.iterations) == 3


def _momenta(model):
    found = model.optimizer.variables
    return {each.path: np.asarray(each) for each in found if each.path.endswith("momentum")}


def test_setting_the_table_of_words():
    model = make("TFBertModel")
    table = np.ones((60, 24), "float32")
    model.set_input_embeddings(table)
    np.testing.assert_array_equal(model.get_input_embeddings().weight, table)
    with pytest.raises(ValueError, match=r"need the shape \[tokens, 24\], found \(60, 4\)"):
        model.set_input_embeddings(np.ones((60, 4)))


def test_pruning_heads(tmp_path):
    twin = make("TFBertModel", num_labels=2)
    model = formers.load_tf2_model_in_pytorch_model(formers.BertModel(twin.config), twin).eval()
    for each in (model, twin):
        each.config.pruned_heads = {}
        each.prune_heads({0: [1], 1: [0]})
    tokens = ids(2, 6)
    expected = model(torch.from_numpy(tokens).long())[0].detach()
    np.testing.assert_allclose(twin(tokens)[0], expected, atol=1e-5)
    twin.save_pretrained(tmp_path)
    loaded = formers.TFBertModel.from_pretrained(tmp_path)
    assert _query_shapes(loaded) == [(24, 16), (24, 16)]
    np.testing.assert_array_equal(loaded(tokens)[0], twin(tokens)[0])
    with pytest.raises(IndexError, match="cannot prune layer 2: the model has layers 0 to 1"):
        twin.prune_heads({2: [0]})
    with pytest.raises(ValueError, match=r"cannot prune heads \[5\]: the attention has heads 0 to 2"):
        twin.prune_heads({0: [5]})


def _query_shapes(model):
    return [tuple(weight.shape) for weight in model.weights if weight.path.endswith("query/kernel")]


def test_sines_stay_as_they_are():
    twin = make("TFDistilBertModel", sinusoidal_pos_embds=True)
    model = make("DistilBertModel", sinusoidal_pos_embds=True)
    (positions,) = (weight for weight in twin.weights if "position_embeddings" in weight.path)
    np.testing.assert_array_equal(positions, model.state_dict()["embeddings.position_embeddings.weight"])
    assert not positions.trainable
    assert twin.num_parameters() == model.num_parameters()
    assert twin.num_parameters(only_trainable=True) == model.num_parameters(only_trainable=True)


def test_newly_initialised_weights():
    weights = values(make("TFBertForPreTraining"))
    assert np.std(weights["bert.embeddings.word_embeddings.weight"]) == pytest.approx(0.2, rel=0.1)
    assert np.all(weights["bert.embeddings.LayerNorm.weight"] == 1)
    matrices = [value.ravel()[:20] for value in weights.values() if value.ndim == 2 and value.size > 40]
    assert len(np.unique(np.stack(matrices), axis=0)) >= len(matrices) - 1  # only the tied table is there twice


def test_parts_of_the_documented_classes():
    model = make("TFBertForMaskedLM")
    assert model.base_model is model.bert
    assert model.get_output_embeddings().token_embeddings is model.get_input_embeddings()
    assert make("TFBertModel").get_output_embeddings() is None
    block = formers.TFBertEmbeddings(tiny.config("TFBertModel"))
    assert block(ids(2, 5)).shape == block([ids(2, 5), None, None, None], mode="embedding").shape == (2, 5, 24)
    assert block(np.ones((2, 5, 24), "float32"), mode="linear").shape == (2, 5, 99)
    with pytest.raises(ValueError, match="mode is 'both'; expected 'embedding' or 'linear'"):
        block(ids(2, 5), mode="both")
    assert formers.shape_list(tf.ones((2, 3))) == [2, 3]


def test_summary_of_a_sequence():
    states = tf.random.normal((2, 3, 5, 4))
    for kind, expected in (
        ("last", states[:, :, -1]), ("first", states[:, :, 0]), ("mean", tf.reduce_mean(states, 2)),
        ("cls_index", states[:, :, -1]),
    ):  # fmt: skip
        summary = formers.TFSequenceSummary(tiny.config("TFBertModel", summary_type=kind))
        np.testing.assert_allclose(summary(states), expected, atol=1e-6)
    places = np.array([[0, 1, 2], [3, 4, 0]])
    picked = np.take_along_axis(states.numpy(), places[..., None, None], 2)[:, :, 0]
    np.testing.assert_allclose(summary([states, places]), picked)
    np.testing.assert_allclose(summary({"hidden_states": states, "cls_index": places}), picked)
    projected = tiny.config(
        "TFBertModel", summary_type="first", summary_use_proj=True, summary_proj_to_labels=True,
        summary_activation="tanh", num_labels=3,
    )  # fmt: skip
    output = formers.TFSequenceSummary(projected)(states)
    assert output.shape == (2, 3, 3) and np.all(np.abs(output) < 1)
    with pytest.raises(ValueError, match="summary_type is 'attn'"):
        formers.TFSequenceSummary(tiny.config("TFBertModel", summary_type="attn"))


def test_files_say_that_names_and_layout_are_pytorch_s(tmp_path):
    from safetensors import safe_open

    make("TFBertModel").save_pretrained(tmp_path)
    with safe_open(tmp_path / "model.safetensors", framework="numpy") as file:
        assert file.metadata()["format"] == "pt"


def test_named_parameters_are_taken_as_a_state_dict():
    model = make("RobertaForTokenClassification")
    twin = formers.TFRobertaForTokenClassification(model.config)
    formers.load_pytorch_weights_in_tf2_model(twin, dict(model.named_parameters()))
    assert_same(values(twin), {key: value.numpy() for key, value in model.state_dict().items()})
