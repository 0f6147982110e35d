"""What the other tests build on finds every family, and what it makes runs."""

import subprocess
import sys

import numpy as np
import pytest
import torch

import formers
from formers.families import families

from . import tiny
from .golden_data import GOLDEN, leaves, model_folders


def test_every_recorded_class_is_found():
    recorded = {folder.partition("@")[0] for folder in model_folders()}
    assert recorded <= set(tiny.torch_classes())
    assert {path.name for path in (GOLDEN / "models_tf").iterdir()} <= set(tiny.keras_classes())


def test_every_family_with_classes_is_recorded():
    """A family without recorded models would be tested by nothing."""
    recorded = {tiny.model_type_of(folder.partition("@")[0]) for folder in model_folders()}
    assert recorded == {name for name in families() if tiny.torch_classes(name)}


@pytest.mark.parametrize("name", tiny.torch_classes())
def test_pytorch_classes(name):
    cls = getattr(formers, name)
    assert issubclass(cls, formers.PreTrainedModel) and cls.config_class is tiny.family_of(name).config
    model = tiny.make(name)
    assert not model.training and model.num_parameters() < 50_000
    with torch.no_grad():
        output = model(**tiny.tensors(tiny.inputs(name)))
        other = model(**tiny.tensors(tiny.inputs(name, seed=3)))
    assert all(np.all(np.isfinite(leaf)) for leaf in leaves(output))
    assert not np.allclose(leaves(output)[0], leaves(other)[0], atol=1e-5)


def test_models_of_one_seed_are_the_same_and_other_random_numbers_are_left_alone():
    torch.manual_seed(1)
    first = torch.rand(1)
    torch.manual_seed(1)
    one, other, third = tiny.make("BertModel"), tiny.make("BertModel"), tiny.make("BertModel", seed=1)
    assert torch.equal(torch.rand(1), first)
    same = [torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True)]
    assert all(same)
    assert not torch.equal(next(one.parameters()), next(third.parameters()))


@pytest.mark.parametrize("model_type", families())
def test_every_family_has_a_tiny_configuration(model_type):
    config = tiny.config_of(model_type)
    assert type(config) is families()[model_type].config
    parts = [config.encoder, config.decoder] if hasattr(config, "encoder") else [config]
    assert all(part.vocab_size < 200 and part.hidden_size < 50 for part in parts)
    for part in [config, *parts]:
        special = {value for key, value in part.to_dict().items() if key.endswith(("_token_id", "_index"))}
        assert not special & set(tiny.ORDINARY) and getattr(part, "vocab_size", 200) >= tiny.ORDINARY.stop


def test_names_that_are_no_models():
    for name in ("BertConfig", "BertTokenizer", "BertPreTrainedModel", "TFBertMainLayer", "AutoModel", "Pipeline"):
        assert tiny.model_type_of(name) is None
    with pytest.raises(KeyError, match="'BertLayer' is not the name of a model"):
        tiny.config("BertLayer")
    with pytest.raises(KeyError, match="no such families: martian; there are "):
        tiny.torch_classes("martian")


def test_listing_classes_imports_no_framework():
    code = (
        "import sys; from tests import tiny; assert len(tiny.twins()) > 20\n"
        "print([name for name in ('torch', 'tensorflow', 'keras') if name in sys.modules])"
    )
    root = GOLDEN.parents[1]
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert done.stdout.strip() == "[]", done.stderr
