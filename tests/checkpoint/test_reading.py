import json
import shutil

import numpy
import pytest
import torch
from safetensors.torch import save_file

from formers.checkpoint import CheckpointError, open_checkpoint

BERT_FILES = ["model.safetensors", "pytorch_model.bin", "pytorch_model.legacy.bin", "tf_model.h5"]


@pytest.mark.parametrize("framework", ["torch", "numpy"])
@pytest.mark.parametrize("name", BERT_FILES)
def test_every_format_holds_the_same_tensors(name, framework, golden, bert):
    with open_checkpoint(golden / "BertForPreTraining" / name) as checkpoint:
        kind = torch.Tensor if framework == "torch" else numpy.ndarray
        names = set(checkpoint.names())
        assert names == set(checkpoint) and len(checkpoint) == len(names)
        missing = {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"} if name.endswith("h5") else set()
        assert names == set(bert) - missing
        for key in names:
            tensor = checkpoint.tensor(key, framework)
            assert isinstance(tensor, kind) and key in checkpoint
            assert checkpoint.shape(key) == tuple(tensor.shape) == bert[key].shape
            assert numpy.array_equal(numpy.asarray(tensor), bert[key])
    assert len(checkpoint) == 0
    assert numpy.array_equal(numpy.asarray(tensor), bert[key])  # still valid


@pytest.mark.parametrize(
    "model",
    ["Roberta", "DistilBert", "Albert"],
)
def test_h5_of_masked_language_models(model, golden):
    check_h5(golden / f"{model}ForMaskedLM")


@pytest.mark.parametrize(
    "model", ["GPT2LMHeadModel", "TransfoXLLMHeadModel", "T5ForConditionalGeneration", "XLNetLMHeadModel"]
)
def test_h5_of_unusual_layouts(model, golden):
    """Biases of one row, transposed projections, a layer beside the model, raw matrices."""
    check_h5(golden / model)


def check_h5(folder):
    with open_checkpoint(folder / "tf_model.h5") as keras, open_checkpoint(folder / "pytorch_model.bin") as ours:
        assert set(keras) <= set(ours)
        for name in keras:
            assert keras.shape(name) == ours.shape(name)
            assert numpy.array_equal(keras.tensor(name, "numpy"), ours.tensor(name, "numpy"))
        untold = [name for name in ours if name not in keras]
        assert len(untold) <= 5  # tied copies and constant buffers


def test_old_names_of_layer_norms(tmp_path):
    tensors = {
        "bert.embeddings.LayerNorm.gamma": torch.ones(2),
        "bert.embeddings.LayerNorm.beta": torch.zeros(2),
        "beta_layer.gamma_proj.weight": torch.ones(1),
        "gamma": torch.ones(3),
    }
    save_file(tensors, tmp_path / "model.safetensors")
    torch.save(tensors, tmp_path / "model.bin")
    for file in tmp_path.iterdir():
        with open_checkpoint(file) as checkpoint:
            assert sorted(checkpoint) == [
                "bert.embeddings.LayerNorm.bias",
                "bert.embeddings.LayerNorm.weight",
                "beta_layer.gamma_proj.weight",
                "gamma",
            ]
            assert checkpoint.tensor("bert.embeddings.LayerNorm.weight").tolist() == [1, 1]


def test_old_and_new_name_at_once(tmp_path):
    save_file({"n.gamma": torch.ones(2), "n.weight": torch.zeros(2)}, tmp_path / "model.safetensors")
    with pytest.raises(CheckpointError, match=r"two tensors for 'n\.weight'"):
        open_checkpoint(tmp_path / "model.safetensors")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64", "int64", "uint8", "bool", "int32"])
@pytest.mark.parametrize("suffix", ["safetensors", "bin"])
def test_dtypes(dtype, suffix, tmp_path):
    tensor = torch.tensor([[0, 1, 1], [1, 0, 3]]).to(getattr(torch, dtype))
    path = tmp_path / f"model.{suffix}"
    (save_file if suffix == "safetensors" else torch.save)({"x": tensor}, path)
    with open_checkpoint(path) as checkpoint:
        for passing in (False, True):
            read = checkpoint.tensor("x", passing=passing)
            assert read.dtype == tensor.dtype and torch.equal(read, tensor)
            array = checkpoint.tensor("x", "numpy", passing=passing)
            assert array.dtype.name == dtype
            assert numpy.array_equal(array.astype("float64"), tensor.double().numpy())


def test_bfloat16_for_numpy_without_its_package(tmp_path, monkeypatch):
    save_file({"x": torch.ones(2, dtype=torch.bfloat16)}, tmp_path / "model.safetensors")
    monkeypatch.setitem(__import__("sys").modules, "ml_dtypes", None)
    with open_checkpoint(tmp_path / "model.safetensors") as checkpoint:
        assert checkpoint.tensor("x", passing=True).dtype == checkpoint.tensor("x").dtype == torch.bfloat16
        with pytest.raises(ImportError, match="pip install ml_dtypes"):
            checkpoint.tensor("x", "numpy")


@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_passing_tensors_have_memory_of_their_own(framework, small):
    with open_checkpoint(small) as checkpoint:
        passing, kept = checkpoint.tensor("a", framework, passing=True), checkpoint.tensor("a", framework)
        passing[0, 0] = 100
        assert kept[0, 0] == 0 == checkpoint.tensor("a", framework, passing=True)[0, 0]


@pytest.mark.parametrize("framework", ["torch", "numpy"])
def test_reading_copies_nothing_and_writing_leaves_the_file(framework, small):
    before = small.read_bytes()
    with open_checkpoint(small) as checkpoint:
        first, second = checkpoint.tensor("a", framework), checkpoint.tensor("a", framework)
    address = {"torch": lambda x: x.data_ptr(), "numpy": lambda x: x.ctypes.data}[framework]
    assert address(first) == address(second)
    first[0, 0] = 100
    assert second[0, 0] == 100
    assert small.read_bytes() == before
    with open_checkpoint(small) as checkpoint:
        assert checkpoint.tensor("a", framework)[0, 0] == 0


def test_a_file_can_be_replaced_while_it_is_mapped(small):
    from formers.checkpoint import write_safetensors

    with open_checkpoint(small) as checkpoint:
        tensor = checkpoint.tensor("a")
        write_safetensors(small, {"b": tensor[0], "a": tensor * 2})
        assert tensor[2, 3] == 11
        assert checkpoint.tensor("a", "numpy", passing=True)[2, 3] == checkpoint.tensor("a", "numpy")[2, 3] == 11
    with open_checkpoint(small) as checkpoint:
        assert checkpoint.tensor("a")[2, 3] == 22


def test_empty_tensors_and_scalars(tmp_path):
    save_file({"none": torch.zeros(0, 3), "one": torch.tensor(5.0)}, tmp_path / "m.safetensors")
    with open_checkpoint(tmp_path / "m.safetensors") as checkpoint:
        for framework in ("torch", "numpy"):
            for passing in (False, True):
                none = checkpoint.tensor("none", framework, passing)
                assert tuple(none.shape) == checkpoint.shape("none") == (0, 3)
                assert checkpoint.tensor("one", framework, passing) == 5
        with pytest.raises(KeyError):
            checkpoint.tensor("other")
        assert "m.safetensors': 2 tensors>" in repr(checkpoint)


def test_content_counts_and_not_the_name(small, golden):
    for source, name in (
        (small, "pytorch_model.bin"),
        (golden / "BertForPreTraining" / "tf_model.h5", "x.safetensors"),
    ):
        with open_checkpoint(shutil.copy(source, small.parent / name)) as checkpoint:
            assert len(checkpoint)


@pytest.fixture(params=["safetensors", "bin"])
def sharded(request, tmp_path):
    """An index over two shards, one of them with names of the oldest files."""
    shards = {
        f"model-1.{request.param}": {"a.weight": torch.ones(2)},
        f"model-2.{request.param}": {"n.gamma": torch.zeros(3)},
    }
    for name, tensors in shards.items():
        (save_file if request.param == "safetensors" else torch.save)(tensors, tmp_path / name)
    table = {tensor: shard for shard, tensors in shards.items() for tensor in tensors}
    index = tmp_path / f"model.{request.param}.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 20}, "weight_map": table}))
    return index


def test_sharded(sharded):
    from formers.checkpoint import fetch_shards, shard_names

    with open_checkpoint(sharded) as checkpoint:
        assert checkpoint.names() == ["a.weight", "n.weight"]
        assert checkpoint.shape("n.weight") == (3,)
        assert checkpoint.tensor("a.weight").tolist() == checkpoint.tensor("a.weight", passing=True).tolist() == [1, 1]
        assert checkpoint.tensor("n.weight", "numpy").tolist() == [0, 0, 0]
    assert [name.rpartition(".")[0] for name in shard_names(sharded)] == ["model-1", "model-2"]
    fetch_shards(sharded.parent, sharded)


def test_shards_that_are_missing_or_lack_a_tensor(sharded):
    content = json.loads(sharded.read_text())
    content["weight_map"]["more"] = content["weight_map"]["a.weight"]
    sharded.write_text(json.dumps(content))
    with open_checkpoint(sharded) as checkpoint, pytest.raises(CheckpointError, match="'more' is in model-1"):
        checkpoint.tensor("more")
    next(sharded.parent.glob("model-2*")).unlink()
    with pytest.raises(CheckpointError, match="needs model-2.* not beside it"):
        open_checkpoint(sharded)


def test_fetching_shards_from_the_hub(tmp_path, monkeypatch):
    from formers import hub
    from formers.checkpoint import fetch_shards

    (tmp_path / "i.index.json").write_text(json.dumps({"weight_map": {"a": "1.bin", "b": "2.bin", "c": "1.bin"}}))
    asked = []
    monkeypatch.setattr(hub, "cached_file", lambda name, file, **keywords: asked.append((name, file, keywords)))
    fetch_shards("owner/name", tmp_path / "i.index.json", revision="v1")
    assert asked == [("owner/name", "1.bin", {"revision": "v1"}), ("owner/name", "2.bin", {"revision": "v1"})]
