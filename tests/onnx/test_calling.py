"""Calls of ONNX models: any number and length of texts, padding, what is refused, and where weights come from."""

import copy
import json
import os
import pickle
import shutil
import subprocess
import sys

import numpy as np
import pytest
from tests import tiny
from tests.golden_data import Recorded, assert_close

from formers.backends.onnx import OnnxModel
from formers.checkpoint import CheckpointError

BERT = "BertForSequenceClassification"


def load(name=BERT, task="sequence_classification", **options):
    return OnnxModel.from_pretrained(Recorded(name).path, task=task, **options)


@pytest.fixture(scope="module")
def model():
    return load()


def test_one_graph_serves_every_shape(model):
    model = load()
    for rows, length in [(1, 1), (1, 7), (3, 2), (5, 40), (2, 1)]:
        ids = tiny.ids(rows, length)
        logits = model(ids, np.ones_like(ids)).logits
        assert logits.shape == (rows, model.config.num_labels)
        assert_close([logits], [np.concatenate([model(row[None], np.ones((1, length), int))[0] for row in ids])])
    assert len(model._sessions) == 1


@pytest.mark.parametrize("name", [BERT, "RobertaForSequenceClassification", "DistilBertForSequenceClassification"])
def test_padding_changes_nothing(name):
    model = load(name)
    pad = model.config.pad_token_id
    ids = tiny.ids(1, 5)
    padded = np.concatenate([ids, np.full((1, 3), pad)], 1)
    mask = (np.arange(8) < 5)[None]
    assert_close([model(padded, mask).logits], [model(ids).logits])
    # In a batch the other rows see nothing of it, either.
    rows = np.concatenate([padded, tiny.ids(1, 8, seed=1)])
    both = model(rows, np.concatenate([mask, np.ones((1, 8), bool)])).logits
    assert_close([both[:1], both[1:]], [model(ids).logits, model(rows[1:]).logits])


def test_outputs_have_names_and_are_arrays(model):
    output = model(input_ids=tiny.ids(2, 4), output_hidden_states=True, output_attentions=True)
    assert output.keys() == ("logits", "hidden_states", "attentions")
    assert len(output.hidden_states) == model.config.num_hidden_layers + 1
    assert output.attentions[0].shape == (2, model.config.num_attention_heads, 4, 4)
    np.testing.assert_allclose(output.attentions[0].sum(-1), 1, rtol=1e-5)
    assert all(type(part) is np.ndarray for part in (output.logits, *output.hidden_states, *output.attentions))


def test_flags_of_the_configuration():
    model = load(output_hidden_states=True)
    assert "hidden_states" in model(tiny.ids(1, 3))
    assert "hidden_states" not in model(tiny.ids(1, 3), output_hidden_states=False)


def test_one_row_of_ids_serves_a_batch(model):
    ids = tiny.ids(3, 4)
    types, positions = np.array([[0, 0, 1, 1]]), np.array([3, 2, 1, 0])
    rows = model(ids, token_type_ids=np.repeat(types, 3, 0), position_ids=np.tile(positions, (3, 1))).logits
    assert_close([model(ids, token_type_ids=types, position_ids=positions).logits], [rows])
    assert not np.allclose(rows, model(ids).logits, atol=1e-4)


def test_arguments_may_be_lists_and_of_any_type(model):
    ids = tiny.ids(2, 4)
    mask = np.array([[1, 1, 1, 0], [1, 1, 1, 1]])
    expected = [model(ids, mask).logits]
    assert_close([model(ids.tolist(), mask.tolist()).logits], expected)
    assert_close([model(ids.astype("uint8"), mask.astype("float64")).logits], expected)
    assert_close([model(ids, mask.astype(bool)).logits], expected)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({}, ValueError, "specify either input_ids or inputs_embeds: found neither"),
        ({"input_ids": [[1]], "inputs_embeds": np.zeros((1, 1, 24))}, ValueError, "found both"),
        ({"input_ids": [1, 2]}, ValueError, r"input_ids has shape \[2\]; expected \[batch, seq\]"),
        ({"input_ids": [[1.5]]}, TypeError, "input_ids has type float64; expected an array of whole numbers"),
        ({"input_ids": [["a"]]}, TypeError, "input_ids has type <U1"),
        ({"input_ids": np.zeros((0, 3), int)}, ValueError, r"input_ids has shape \[0, 3\]: there is nothing in it"),
        ({"input_ids": [[5, 99]]}, IndexError, "input_ids go from 5 to 99, but the model knows 0 to 98: check that"),
        ({"input_ids": [[-1]]}, IndexError, "input_ids go from -1 to -1"),
        ({"input_ids": [[1]], "token_type_ids": [[2]]}, IndexError, "token_type_ids go from 2 to 2, .* knows 0 to 1$"),
        ({"input_ids": [[1]], "position_ids": [[40]]}, IndexError, "position_ids go from 40 to 40"),
        ({"input_ids": [[1] * 41]}, ValueError, r"the input has 41 positions, but the model knows 40: truncate"),
        ({"input_ids": [[1, 2]], "attention_mask": [[1] * 3]}, ValueError, r"attention_mask has shape \[1, 3\]"),
        ({"inputs_embeds": np.zeros((1, 2, 7))}, ValueError, r"inputs_embeds has shape \[1, 2, 7\]; expected .*24\]"),
        ({"input_ids": [[1]], "head_mask": np.ones((3, 3))}, ValueError, r"head_mask has shape \[3, 3\]; expected"),
        ({"input_ids": [[1]], "labels": [0]}, ValueError, "computes no losses: leave labels out"),
        ({"input_ids": [[1]], "past": 0}, TypeError, "BertForSequenceClassification has no argument 'past'"),
    ],
)
def test_wrong_arguments(model, arguments, error, message):
    with pytest.raises(error, match=message):
        model(**arguments)


@pytest.mark.parametrize(
    ("name", "task", "message"),
    [
        ("T5Model", "base", "T5Model yet: its architecture is an EncoderDecoder, and one stack was expected"),
        ("GPT2Model", "base", "cannot run GPT2Model yet: it remembers the keys and values of earlier positions"),
        ("BertModel", "poetry", "bert has no models for 'poetry'; it has base, "),
        ("BertModel", "causal_lm", "BertLMHeadModel needs a config with is_decoder=True, found False"),
    ],
)
def test_what_is_not_supported(name, task, message):
    with pytest.raises(ValueError, match=message):
        load(name, task)


def test_unknown_things(write, tensors):
    with pytest.raises(TypeError, match="no arguments quantize"):
        load(quantize="int8")
    with pytest.raises(KeyError, match="has no activation 'sine'; it knows relu, "):
        load(hidden_act="sine")
    folder = write(BERT, tensors(BERT), model_type="nobody")
    with pytest.raises(ValueError, match="has the model_type 'nobody'; expected one of"):
        OnnxModel.from_pretrained(folder)


# --- weights ----------------------------------------------------------------------------------------------------------


def test_the_base_of_a_checkpoint_with_heads_and_the_other_way_round(write, tensors):
    ids, values = tiny.ids(2, 5), tensors(BERT)
    whole = OnnxModel.from_pretrained(write(BERT, values))(ids)
    base = {name.removeprefix("bert."): value for name, value in values.items() if name.startswith("bert.")}
    folder = write("BertModel", base, "base")
    assert_close([*OnnxModel.from_pretrained(folder)(ids)], [*whole])
    with pytest.raises(AttributeError, match="needs weights that .* lacks: classifier.weight .*, classifier.bias"):
        OnnxModel.from_pretrained(folder, task="sequence_classification")


def test_without_a_pooler_there_is_no_pooler_output(write, tensors, caplog):
    values = tensors("BertModel")
    ids = tiny.ids(2, 5)
    expected = OnnxModel.from_pretrained(write("BertModel", values), task="base")(ids)
    kept = {name: value for name, value in values.items() if not name.startswith("pooler.")}
    output = OnnxModel.from_pretrained(write("BertModel", kept, "kept"))(ids)
    assert "no weights of the pooler: there is no pooler_output" in caplog.text
    assert output.pooler_output is None and output.keys() == ("last_hidden_state",)
    assert_close([output[0]], [expected[0]])


def test_weights_of_another_shape():
    with pytest.raises(RuntimeError, match=r"size mismatch for classifier.weight: (.|\n)*num_labels, ...\)\.$"):
        load(num_labels=7)


@pytest.mark.parametrize("copies", [True, False])
def test_tied_weights_may_be_there_twice_or_once(write, tensors, copies, caplog):
    name, ids = "BertForMaskedLM", tiny.ids(2, 5)
    values = tensors(name)
    expected = load(name, "masked_lm")(ids)
    values.pop("cls.predictions.decoder.weight", None)
    values.pop("cls.predictions.decoder.bias", None)
    if copies:
        values["cls.predictions.decoder.weight"] = values.pop("bert.embeddings.word_embeddings.weight")
        values["cls.predictions.decoder.bias"] = values.pop("cls.predictions.bias")
    output = OnnxModel.from_pretrained(write(name, values), task="masked_lm")(ids)
    assert not caplog.records
    assert_close([*output], [*expected])


def test_half_precision_is_computed_in_single(write, tensors):
    values = {name: value.astype("float16") for name, value in tensors(BERT).items()}
    ids = tiny.ids(2, 5)
    half = OnnxModel.from_pretrained(write(BERT, values), task="sequence_classification")(ids)
    rounded = {name: value.astype("float32") for name, value in values.items()}
    single = OnnxModel.from_pretrained(write(BERT, rounded, "single"), task="sequence_classification")(ids)
    assert half.logits.dtype == np.float32
    assert_close([*half], [*single])


def test_shards_links_and_other_files(write, tensors, tmp_path, model):
    values, ids = tensors(BERT), tiny.ids(2, 5)
    expected = [*model(ids)]
    # Two shards, in a folder with a name that needs care.
    names = sorted(values)
    folder = write(BERT, {name: values[name] for name in names[::2]}, "zwei Hälften & mehr")
    os.rename(folder / "model.safetensors", folder / "one.safetensors")
    write(BERT, {name: values[name] for name in names[1::2]}, folder.name)
    table = {name: "model.safetensors" if at % 2 else "one.safetensors" for at, name in enumerate(names)}
    os.rename(folder / "model.safetensors", folder / "two.safetensors")
    table = {name: shard.replace("model.", "two.") for name, shard in table.items()}
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": table}))
    # A cache as the hub's client makes it: links to files in another folder.
    cache, snapshot = tmp_path / "blobs", tmp_path / "snapshots"
    shutil.copytree(write(BERT, values), cache)
    snapshot.mkdir()
    for file in cache.iterdir():
        (snapshot / file.name).symlink_to(file)
    for path in (folder, snapshot):
        assert_close([*OnnxModel.from_pretrained(path, task="sequence_classification")(ids)], expected)


def test_a_keras_file():
    recorded = next(
        Recorded(name) for name in tiny.torch_classes("bert") if (Recorded(name).path / "tf_model.h5").exists()
    )
    task = next(public.kinds[0] for public in tiny.family_of(recorded.cls).public if public.name == recorded.cls)
    model = OnnxModel.from_pretrained(recorded.path / "tf_model.h5", task=task, config=tiny.config(recorded.cls))
    case = recorded.cases[0]
    assert_close([*model(**recorded.arguments(case, lambda array: array))], recorded.expected(case))


def test_a_file_that_changed_is_not_read_at_old_offsets(write, tensors):
    values = tensors(BERT)
    folder = write(BERT, values)
    model = OnnxModel.from_pretrained(folder, task="sequence_classification")
    first = model(tiny.ids(1, 3))
    write(BERT, {name: values[name] for name in sorted(values, reverse=True)})
    assert_close([*model(tiny.ids(1, 3))], [*first])  # its graph has the file mapped
    with pytest.raises(CheckpointError, match="was written again since the model was loaded: load it again"):
        model(tiny.ids(1, 3), np.ones((1, 3)))


def test_the_file_is_mapped_and_not_copied(model):
    assert model.weights.ranges and not model.weights.arrays


def test_no_framework_is_imported():
    code = (
        "import sys, numpy\n"
        "sys.modules['torch'] = sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from formers.backends.onnx import OnnxModel\n"
        f"model = OnnxModel.from_pretrained({str(Recorded(BERT).path)!r}, task='sequence_classification')\n"
        "print(model(numpy.array([[7, 8, 9]])).logits.shape)\n"
        "print(sorted(name for name in sys.modules if name.split('.')[0] in ('torch', 'tensorflow', 'keras', 'jax')))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [str((1, load().config.num_labels)), "['keras', 'tensorflow', 'torch']"]


def test_without_onnx_runtime_the_error_names_the_extra():
    code = (
        "import sys\n"
        "from importlib import machinery, util\n"
        "import formers.frameworks as frameworks\n"
        "known = frameworks.is_installed\n"
        "frameworks.is_installed = lambda package: package != 'onnxruntime' and known(package)\n"
        "from formers.backends.onnx import OnnxModel\n"
        f"model = OnnxModel.from_pretrained({str(Recorded(BERT).path)!r})\n"
        "try:\n    model([[7]])\nexcept ImportError as error:\n    print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "'onnxruntime', which is not installed: run `pip install 'formers[onnx]'`" in done.stdout, done.stderr


@pytest.mark.parametrize("copy", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
@pytest.mark.parametrize("task", ["base", "sequence_classification"])
def test_a_model_can_be_copied_and_pickled(copy, task):
    model = load(task=task)
    ids = tiny.ids(2, 5)
    before = model(ids)
    other = copy(model)
    assert other.config.to_dict() == model.config.to_dict() and other.config is not model.config
    for found, wanted in zip(other(ids), before, strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_rows_of_unequal_length_are_named(model):
    with pytest.raises(ValueError, match="input_ids is no array, since its rows differ in length .*padding=True"):
        model([[1, 2], [1]])
