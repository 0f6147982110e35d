"""Tied weights in files: once, under the first of the hub's names, and nothing is missing when they are read."""

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file
from tests import tiny
from tests.golden_data import GOLDEN, model_folders, read

import formers

# Class -> name that is written: names that it stands for; those classes whose recorded models have some.
TIED = {
    folder: {first: copies for first, *copies in tied}
    for folder in model_folders()
    if "@" not in folder and (tied := read(f"models/{folder}/info.json")["state"]["tied"])
}


def load(name, **options):
    return getattr(formers, name).from_pretrained(GOLDEN / "models" / name, **options)


def stored(folder):
    with safe_open(folder / "model.safetensors", framework="pt") as file:
        return set(file.keys()), file.metadata()


def assert_same(ours, theirs):
    assert sorted(ours) == sorted(theirs)
    assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


def check_file(name, folder, state):
    names, notes = stored(folder)
    tied = {copy: first for first, copies in TIED[name].items() for copy in copies}
    masks = {name for name in state if name.endswith((".attn.bias", ".attn.masked_bias"))}  # computed from the sizes
    assert names == set(state) - set(tied) - masks
    assert notes == {"format": "pt"} | {copy: first for copy, first in tied.items() if copy in state}


@pytest.mark.parametrize("name", TIED)
def test_are_written_once(name, tmp_path, caplog):
    model = load(name)
    model.save_pretrained(tmp_path)
    check_file(name, tmp_path, model.state_dict())
    again, info = type(model).from_pretrained(tmp_path, output_loading_info=True)
    assert not any(info.values()) and not caplog.records
    assert_same(again.state_dict(), model.state_dict())
    assert len(list(again.parameters())) == len(list(model.parameters()))
    fresh = type(model)(model.config)
    fresh.load_state_dict(load_file(tmp_path / "model.safetensors"))
    assert_same(fresh.state_dict(), model.state_dict())


@pytest.mark.parametrize("name", [name for name in TIED if name in tiny.twins()])
def test_are_read_and_written_once_by_keras(name, tmp_path, caplog):
    pytest.importorskip("tensorflow")
    model = load(name)
    model.save_pretrained(tmp_path / "torch")
    twin, info = getattr(formers, f"TF{name}").from_pretrained(tmp_path / "torch", output_loading_info=True)
    assert not any(info.values())
    twin.save_pretrained(tmp_path / "keras")
    check_file(name, tmp_path / "keras", model.state_dict())
    back, info = type(model).from_pretrained(tmp_path / "keras", output_loading_info=True)
    assert not any(info.values()) and not caplog.records
    assert_same(back.state_dict(), model.state_dict())


def test_other_formats_keep_all_names(tmp_path):
    model = load("GPT2LMHeadModel")
    model.save_pretrained(tmp_path, format="bin")
    assert_same(torch.load(tmp_path / "pytorch_model.bin"), model.state_dict())


@pytest.mark.parametrize("name", ["GPT2LMHeadModel", "T5ForConditionalGeneration"])
def test_an_untied_head_is_written_too(name, tmp_path):
    """T5 1.1 has a head of its own; others may be given one."""
    model = load(name, tie_word_embeddings=False) if name.startswith("T5") else load(name)
    model.lm_head.weight = torch.nn.Parameter(torch.randn_like(model.lm_head.weight))
    model.save_pretrained(tmp_path)
    names, notes = stored(tmp_path)
    assert "lm_head.weight" in names and "lm_head.weight" not in notes
    with safe_open(tmp_path / "model.safetensors", framework="pt") as file:
        assert torch.equal(file.get_tensor("lm_head.weight"), model.lm_head.weight)


def test_an_untied_model_takes_a_copy(tmp_path):
    """What was tied in the file is not the same memory in a model that does not tie it."""
    with torch.no_grad():
        model = load("T5ForConditionalGeneration")
        model.save_pretrained(tmp_path)
        apart, info = type(model).from_pretrained(tmp_path, tie_word_embeddings=False, output_loading_info=True)
        assert not any(info.values())
        before = apart.shared.weight.clone()
        apart.lm_head.weight += 1
    assert torch.equal(apart.shared.weight, before)
