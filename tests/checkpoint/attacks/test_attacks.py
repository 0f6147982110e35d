"""Files that are broken, or made to harm: each must end in a clear error, run nothing and read nothing else."""

import io
import json
import os
import pickle
import struct
import zipfile

import h5py
import numpy
import pytest
import torch

from formers.checkpoint import CheckpointError, open_checkpoint


def refused(path, message):
    """Opening a file and reading all of it ends in a `CheckpointError` that names the file."""
    with pytest.raises(CheckpointError, match=message) as caught, open_checkpoint(path) as checkpoint:
        for name in checkpoint.names():
            checkpoint.tensor(name)
    assert str(path) in str(caught.value)


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"no file .*none\.bin"):
        open_checkpoint(tmp_path / "none.bin")


def test_a_folder(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(IsADirectoryError, match=r"is a folder.*it holds config\.json"):
        open_checkpoint(tmp_path)


@pytest.mark.parametrize("name", ["model.safetensors", "pytorch_model.bin", "tf_model.h5"])
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 440473133\n",
            "git-LFS pointer, and the content of 440473133 bytes is not here: run `git lfs pull`",
        ),
        (b"<!DOCTYPE html>\n<html><body>404</body></html>", "is a web page"),
        (b"  <html>", "is a web page"),
    ],
    ids=["empty", "lfs", "html", "html with space"],
)
def test_what_is_no_weights(name, content, message, tmp_path):
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, message)


def test_text(tmp_path):
    (tmp_path / "pytorch_model.bin").write_text("hello, this is some text")
    refused(tmp_path / "pytorch_model.bin", "not a file of weights that is known here: it begins with b'hello")


# --- safetensors -----------------------------------------------------------------------------------------------------


def safetensors_file(path, header, body=b"\0" * 16, size=None):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text) if size is None else size) + text + body)


def entry(dtype="F32", shape=(2, 2), offsets=(0, 16)):
    return {"x": {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets)}}


@pytest.mark.parametrize("keep", [0.0001, 0.3, 0.9, 0.9999])
def test_truncated_safetensors(keep, golden, tmp_path):
    whole = (golden / "BertForPreTraining" / "model.safetensors").read_bytes()
    path = tmp_path / "model.safetensors"
    path.write_bytes(whole[: int(len(whole) * keep)])
    refused(path, r"\d+ bytes\) is not a complete safetensors file.*Download or save it again")


@pytest.mark.parametrize(
    "arguments",
    [
        {"header": entry(), "size": 10**6},
        {"header": entry(), "size": 2**63},
        {"header": b"{" + b" " * 20},
        {"header": b'{"x": 1}'},
        {"header": entry(offsets=(0, 10**9))},
        {"header": entry(offsets=(16, 0))},
        {"header": entry(offsets=(-16, 0))},
        {"header": entry(shape=(10**9, 10**9))},
        {"header": entry(shape=(2**62, 4))},
        {"header": entry(dtype="Q7")},
        {"header": entry(), "body": b"\0" * 100},
        {"header": {**entry(), "y": entry()["x"]}},
        {"header": b'{"x": ' + b"[" * 100_000},
    ],
    ids=[
        "header beyond the file",
        "header of 2^63",
        "header cut off",
        "entry of another kind",
        "data beyond the file",
        "offsets reversed",
        "negative offset",
        "shape and bytes differ",
        "shape overflows",
        "unknown dtype",
        "bytes that nobody owns",
        "overlapping tensors",
        "deeply nested",
    ],
)
def test_wrong_tables_of_safetensors(arguments, tmp_path):
    safetensors_file(tmp_path / "model.safetensors", **arguments)
    refused(tmp_path / "model.safetensors", "not a complete safetensors file")


# --- torch.save ------------------------------------------------------------------------------------------------------


class Harm:
    """Creates a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def as_zip(data):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("archive/data.pkl", data)
        archive.writestr("archive/version", "3\n")
        archive.writestr("archive/byteorder", "little")
    return buffer.getvalue()


@pytest.mark.parametrize("form", ["zip", "legacy", "bare pickle"])
@pytest.mark.parametrize("inside", ["alone", "beside weights"])
def test_a_pickle_that_would_run_code(form, inside, tmp_path):
    harm = Harm(tmp_path / "harmed")
    content = harm if inside == "alone" else {"weight": torch.ones(2), "x": harm}
    path = tmp_path / "pytorch_model.bin"
    if form == "bare pickle":
        path.write_bytes(pickle.dumps(harm, protocol=2))
    elif form == "zip" and inside == "alone":
        path.write_bytes(as_zip(pickle.dumps(harm, protocol=2)))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    refused(path, r"is refused: (?!.*weights_only).*could run code.*model\.safetensors")
    assert not (tmp_path / "harmed").exists()
    torch.load(path, weights_only=False) if form != "bare pickle" else pickle.loads(path.read_bytes())
    assert (tmp_path / "harmed").exists()  # the trap was a real one


@pytest.mark.parametrize("name", ["pytorch_model.bin", "pytorch_model.legacy.bin"])
@pytest.mark.parametrize("keep", [0.001, 0.2, 0.7, 0.99])
def test_truncated_torch_files(name, keep, golden, tmp_path):
    whole = (golden / "BertForPreTraining" / name).read_bytes()
    path = tmp_path / "pytorch_model.bin"
    path.write_bytes(whole[: int(len(whole) * keep)])
    refused(path, "damaged|cut off|cannot be read as a file of torch.save")


def test_a_zip_archive_of_other_things(tmp_path):
    path = tmp_path / "pytorch_model.bin"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(path, "cannot be read as a file of torch.save")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([torch.ones(1)], "holds a list, and a dictionary of tensors was expected"),
        ({"state_dict": {"a": torch.ones(1)}, "epoch": 3}, "its entry 'state_dict' is a dict"),
        ({3: torch.ones(1)}, "its entry 3 is a Tensor"),
    ],
)
def test_torch_files_of_another_shape(content, message, tmp_path):
    torch.save(content, tmp_path / "pytorch_model.bin")
    refused(tmp_path / "pytorch_model.bin", message)


# --- indexes ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shard", ["../secret.safetensors", "/etc/passwd", "sub/x.bin", "..", "", "C:\\x", "a\\b", "x\0y"]
)
def test_an_index_that_points_elsewhere(shard, tmp_path):
    (tmp_path / "m.index.json").write_text(json.dumps({"weight_map": {"a": shard}}))
    refused(tmp_path / "m.index.json", "is refused: it names the shard")


def test_an_index_of_itself(tmp_path):
    (tmp_path / "m.index.json").write_text(json.dumps({"weight_map": {"a": "m.index.json"}}))
    refused(tmp_path / "m.index.json", "is an index again")


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"weight_map": 3}', '{"weight_map": {"a": 3}}'])
def test_damaged_indexes(content, tmp_path):
    (tmp_path / "m.index.json").write_text(content)
    with pytest.raises(OSError, match=r"m\.index\.json"):
        open_checkpoint(tmp_path / "m.index.json")


# --- HDF5 ------------------------------------------------------------------------------------------------------------


VARIABLE = "tf_model/bert/dense/kernel:0"


@pytest.fixture
def secret(tmp_path):
    """A file beside the model that the model must not get at."""
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["data"] = numpy.ones((2, 2), "float32")
    return tmp_path / "secret.h5"


def keras_file(path, fill):
    """A weights file with one variable, which `fill(group)` provides."""
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = numpy.array([b"bert"])
        group = file.create_group("bert")
        group.attrs["weight_names"] = numpy.array([VARIABLE.encode()])
        fill(group)
    return path


def external_link(group, secret):
    group[VARIABLE] = h5py.ExternalLink(str(secret), "data")


def soft_link(group, secret):
    group["other"] = numpy.ones((2, 2))
    group[VARIABLE] = h5py.SoftLink("/bert/other")


def link_on_the_way(group, secret):
    group["tf_model"] = h5py.ExternalLink(str(secret), "/")


def external_data(group, secret):
    group.create_dataset(VARIABLE, shape=(2, 2), dtype="float32", external=[(str(secret), 0, h5py.h5f.UNLIMITED)])


def virtual_data(group, secret):
    layout = h5py.VirtualLayout(shape=(2, 2), dtype="float32")
    layout[:] = h5py.VirtualSource(str(secret), "data", shape=(2, 2))
    group.create_virtual_dataset(VARIABLE, layout)


@pytest.mark.parametrize("fill", [external_link, soft_link, link_on_the_way, external_data, virtual_data])
def test_h5_that_reads_other_files(fill, secret, tmp_path):
    path = keras_file(tmp_path / "tf_model.h5", lambda group: fill(group, secret))
    refused(path, r"is refused: .*(link to another place or file|is in another file)")


def test_h5_whose_layer_is_a_link(secret, tmp_path):
    path = tmp_path / "tf_model.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = numpy.array([b"bert"])
        file["bert"] = h5py.ExternalLink(str(secret), "/")
    refused(path, "is refused: its part 'bert' is a link")


def test_h5_that_claims_more_than_it_holds(tmp_path):
    def huge(group):
        group.create_dataset(VARIABLE, shape=(1 << 20, 1 << 20), dtype="float32", chunks=(1024, 1024))

    refused(keras_file(tmp_path / "tf_model.h5", huge), "more than the file holds")


@pytest.mark.parametrize(
    "value", [b"text", numpy.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f4")]), numpy.array([1j])]
)
def test_h5_with_other_than_numbers(value, tmp_path):
    def fill(group):
        group[VARIABLE] = value

    refused(keras_file(tmp_path / "tf_model.h5", fill), "and numbers were expected")


def test_h5_of_a_big_endian_machine(tmp_path):
    values = numpy.arange(6.0).reshape(2, 3)
    path = keras_file(tmp_path / "tf_model.h5", lambda group: group.create_dataset(VARIABLE, data=values.astype(">f4")))
    with open_checkpoint(path) as checkpoint:
        assert checkpoint.tensor("bert.dense.weight").dtype == torch.float32
        assert numpy.array_equal(checkpoint.tensor("bert.dense.weight"), values.T)


def test_h5_that_lacks_what_it_lists(tmp_path):
    refused(keras_file(tmp_path / "tf_model.h5", lambda group: None), "it lists 'tf_model', and has no such part")
    path = keras_file(tmp_path / "group.h5", lambda group: group.create_group(VARIABLE))
    refused(path, "is a group, and an array was expected")
    path = keras_file(tmp_path / "dataset.h5", lambda group: group.create_dataset("tf_model", data=numpy.ones(2)))
    refused(path, "it lists 'bert', and has no such part")


def test_h5_of_another_layout(secret):
    refused(secret, r"not a weights file of Keras 2: .*its top level holds data")


@pytest.mark.parametrize("keep", [0.001, 0.5, 0.99])
def test_truncated_h5(keep, golden, tmp_path):
    whole = (golden / "BertForPreTraining" / "tf_model.h5").read_bytes()
    path = tmp_path / "tf_model.h5"
    path.write_bytes(whole[: int(len(whole) * keep)])
    refused(path, "not a complete HDF5 file")


def test_h5_of_a_whole_saved_model(tmp_path):
    with h5py.File(tmp_path / "model.h5", "w") as file:
        outer = file.create_group("model_weights")
        outer.attrs["layer_names"] = numpy.array([b"bert"])
        outer.create_group("bert").attrs["weight_names"] = numpy.array([VARIABLE.encode()])
        outer["bert"][VARIABLE] = numpy.ones((2, 3))
    with open_checkpoint(tmp_path / "model.h5") as checkpoint:
        assert checkpoint.shape("bert.dense.weight") == (3, 2)
