import json

import h5py
import numpy
import pytest
import torch
from safetensors import safe_open

from formers.architecture.keras_names import is_transposed, model_name, torch_name
from formers.checkpoint import KerasLayout, open_checkpoint, write_keras_h5, write_safetensors, write_torch_bin
from formers.families.bert.keras_layout import KERAS_LAYOUT as BERT
from formers.families.distilbert.keras_layout import KERAS_LAYOUT as DISTILBERT
from formers.families.roberta.keras_layout import KERAS_LAYOUT as ROBERTA

LAYOUTS = {"TFBert": (BERT, "bert."), "TFRoberta": (ROBERTA, "roberta."), "TFDistilBert": (DISTILBERT, "distilbert.")}


def tensors():
    weight = torch.arange(6.0).reshape(2, 3)
    return {
        "tied.a": weight,
        "tied.b": weight,
        "transposed": torch.arange(6.0).reshape(2, 3).T,
        "part": torch.arange(10.0)[3:5],
        "half": torch.ones(2, dtype=torch.bfloat16),
        "parameter": torch.nn.Parameter(torch.ones(2)),
        "empty": torch.zeros(0),
        "count": torch.tensor(3),
    }


@pytest.mark.parametrize("write", [write_safetensors, write_torch_bin])
def test_what_is_written_is_read(write, tmp_path):
    path = tmp_path / "model"
    write(path, tensors())
    with open_checkpoint(path) as checkpoint:
        assert set(checkpoint) == set(tensors())
        for name, tensor in tensors().items():
            assert torch.equal(checkpoint.tensor(name), tensor) and checkpoint.tensor(name).dtype == tensor.dtype
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("write", [write_safetensors, write_torch_bin])
def test_numpy_arrays(write, tmp_path):
    arrays = {"a": numpy.arange(6, dtype="float32").reshape(2, 3).T, "b": numpy.ones(2, "float16")}
    write(tmp_path / "model", arrays)
    with open_checkpoint(tmp_path / "model") as checkpoint:
        for name, array in arrays.items():
            assert numpy.array_equal(checkpoint.tensor(name, "numpy"), array)


def test_numpy_bfloat16(tmp_path):
    with open_checkpoint_of(write_safetensors, tmp_path, {"x": torch.arange(4, dtype=torch.bfloat16)}) as source:
        array = source.tensor("x", "numpy")
    for write in (write_safetensors, write_torch_bin):
        with open_checkpoint_of(write, tmp_path, {"x": array}) as checkpoint:
            assert torch.equal(checkpoint.tensor("x"), torch.arange(4, dtype=torch.bfloat16))


def open_checkpoint_of(write, folder, content):
    write(folder / write.__name__, content)
    return open_checkpoint(folder / write.__name__)


def test_notes_of_safetensors(tmp_path):
    write_safetensors(tmp_path / "m", {"a": torch.ones(1)}, {"own": "x"})
    with safe_open(tmp_path / "m", "pt") as file:
        assert file.metadata() == {"format": "pt", "own": "x"}


def test_a_view_of_a_large_tensor_is_written_alone(tmp_path):
    write_torch_bin(tmp_path / "m", {"a": torch.zeros(100_000)[:2]})
    assert (tmp_path / "m").stat().st_size < 10_000


@pytest.mark.parametrize("write", [write_safetensors, write_torch_bin])
def test_a_failure_leaves_the_old_file(write, tmp_path):
    path = tmp_path / "model"
    write(path, {"a": torch.ones(1)})
    before = path.read_bytes()
    with pytest.raises(Exception, match=r".*"):
        write(path, {"a": torch.ones(1), "b": "no tensor"})
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def recorded(golden, name):
    return json.loads((golden / name).read_text())


def test_names_of_keras_variables(golden):
    for variable, (name, transposed) in recorded(golden, "keras_names.json").items():
        assert (torch_name(variable), is_transposed(variable)) == (name, transposed)


def test_layouts_give_the_variables_of_every_class(golden):
    for class_name, record in recorded(golden, "keras_variables.json")["classes"].items():
        layout, prefix = next(value for start, value in LAYOUTS.items() if class_name.startswith(start))
        shapes = {name: tuple(shape) for name, shape in record["torch"].items()}
        if not any(name.startswith(prefix) for name in shapes):
            shapes = {prefix + name: shape for name, shape in shapes.items()}
        found = {}
        for layer, variables in layout.layers(class_name, shapes).items():
            for variable, name in variables.items():
                assert variable.startswith(model_name(class_name)) and layer
                found.setdefault(variable, name)
        assert list(found.items()) == list(record["keras"].items()), class_name


@pytest.mark.parametrize(
    ("model", "layout"),
    [("BertForPreTraining", BERT), ("RobertaForMaskedLM", ROBERTA), ("DistilBertForMaskedLM", DISTILBERT)],
)
def test_h5_is_organised_as_the_recorded_file(model, layout, golden, tmp_path):
    with open_checkpoint(golden / model / "pytorch_model.bin") as source:
        write_keras_h5(tmp_path / "tf_model.h5", f"TF{model}", {n: source.tensor(n) for n in source}, layout)
    with h5py.File(tmp_path / "tf_model.h5") as ours, h5py.File(golden / model / "tf_model.h5") as theirs:
        assert ours.attrs["backend"] == theirs.attrs["backend"]
        # Layers without weights (activations, with a running number in their name) say nothing.
        layers = [layer for layer in theirs.attrs["layer_names"] if len(theirs[layer].attrs["weight_names"])]
        assert list(ours.attrs["layer_names"]) == layers
        for layer in layers:
            variables = list(theirs[layer].attrs["weight_names"])
            assert list(ours[layer].attrs["weight_names"]) == variables
            for variable in variables:
                mine, recorded_one = ours[layer][variable], theirs[layer][variable]
                assert mine.dtype == recorded_one.dtype
                assert numpy.array_equal(mine[()], recorded_one[()])
    assert list(tmp_path.iterdir()) == [tmp_path / "tf_model.h5"]


def test_h5_of_other_dtypes_and_rows(tmp_path):
    layout = KerasLayout(rows=("*.c_attn.bias",), leaves={"*.c_attn.weight": "weight"}, omitted=("*.mask",))
    content = {
        "h.0.c_attn.weight": torch.ones(2, 3, dtype=torch.bfloat16),
        "h.0.c_attn.bias": torch.ones(3),
        "h.0.mask": torch.ones(1),
        "h.0.out.weight": numpy.arange(6.0, dtype="float16").reshape(2, 3),
        "alone": torch.ones(2),
    }
    write_keras_h5(tmp_path / "m.h5", "TFGPT2LMHeadModel", content, layout, prefix="transformer.")
    with h5py.File(tmp_path / "m.h5") as file:
        group = file["transformer/tfgp_t2lm_head_model/transformer"]
        assert group["h_._0/c_attn/weight:0"].dtype == "float32"
        assert group["h_._0/c_attn/bias:0"].shape == (1, 3)
        assert group["h_._0/out/kernel:0"].shape == (3, 2)
    with open_checkpoint(tmp_path / "m.h5") as checkpoint:
        assert sorted(checkpoint) == [
            "transformer.alone",
            "transformer.h.0.c_attn.bias",
            "transformer.h.0.c_attn.weight",
            "transformer.h.0.out.weight",
        ]
        assert checkpoint.shape("transformer.h.0.c_attn.bias") == (3,)
        assert numpy.array_equal(checkpoint.tensor("transformer.h.0.out.weight", "numpy"), content["h.0.out.weight"])


def test_h5_with_more_names_than_one_attribute_holds(tmp_path):
    content = {f"layer.{i}.{'long' * 40}.weight": torch.full((2,), float(i)) for i in range(1000)}
    write_keras_h5(tmp_path / "m.h5", "TFBertModel", content, KerasLayout(), prefix="bert.")
    with h5py.File(tmp_path / "m.h5") as file:
        assert "weight_names0" in file["bert"].attrs and "weight_names" not in file["bert"].attrs
    with open_checkpoint(tmp_path / "m.h5") as checkpoint:
        assert checkpoint.names() == [f"bert.{name}" for name in content]
        assert checkpoint.tensor(checkpoint.names()[-1]).tolist() == [999, 999]


@pytest.mark.parametrize(
    ("class_name", "name"),
    [
        ("TFBertForPreTraining", "tf_bert_for_pre_training"),
        ("TFGPT2LMHeadModel", "tfgp_t2lm_head_model"),
        ("TFXLMRobertaForSequenceClassification", "tfxlm_roberta_for_sequence_classification"),
        ("TFT5ForConditionalGeneration", "tf_t5for_conditional_generation"),
    ],
)
def test_names_of_models(class_name, name):
    assert model_name(class_name) == name


@pytest.mark.parametrize("kind", ["torch", "numpy"])
def test_safetensors_hold_the_same_memory_once(kind, tmp_path):
    """Tensors that are equal, or begin at the same place, are others."""
    base = torch.arange(6.0) if kind == "torch" else numpy.arange(6, dtype="float32")
    content = {"a": base.reshape(2, 3), "b": base.reshape(2, 3), "row": base.reshape(2, 3)[0], "equal": base + 0}
    write_safetensors(tmp_path / "m", content, {"own": "a"})
    with safe_open(tmp_path / "m", "pt") as file:
        assert set(file.keys()) == {"a", "row", "equal"}
        assert file.metadata() == {"format": "pt", "own": "a", "b": "a"}
    with open_checkpoint(tmp_path / "m") as checkpoint:
        assert checkpoint.shape("b") == (2, 3)
        for framework in ("torch", "numpy"):
            first, copy = checkpoint.tensor("a", framework), checkpoint.tensor("b", framework)
            assert (first == copy).all() and (checkpoint.tensor("b", framework, passing=True) == copy).all()
            copy[0, 0] = 100  # a model that does not tie them may write to either
            assert first[0, 0] == 0
