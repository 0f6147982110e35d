"""What holds for every public PyTorch class, whatever its family."""

import copy
import pickle
import warnings
from functools import cache

import pytest
import torch
from tests import tiny
from tests.golden_data import leaves
from torch import nn

import formers

CLASSES = tiny.torch_classes()
# A model made of two leaves surgery to its parts.
OF_ONE_PART = [name for name in CLASSES if not hasattr(tiny.config(name), "encoder")]
SINGLE_STACKS = tiny.single_stacks(CLASSES)
LENGTH = 7


def inputs_of(name, **options):
    return tiny.tensors(tiny.inputs(name, length=LENGTH, **options))


def close(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


# --- calling ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_padding_does_not_matter(name):
    """A row alone gives what it gives in a padded batch."""
    model, short = tiny.make(name, use_cache=False), LENGTH - 2
    whole = inputs_of(name)
    whole["attention_mask"] = torch.ones_like(whole["input_ids"])
    alone = {key: value[1:, ..., :short].clone() for key, value in whole.items()}
    if model.config.is_encoder_decoder and model.config.eos_token_id is not None:
        for ids in (whole["input_ids"][1:], alone["input_ids"]):
            ids[..., short - 1] = model.config.eos_token_id
    for key, value in whole.items():
        value[1:, ..., short:] = 0 if key == "attention_mask" else model.config.pad_token_id or 0
    together, single = model(**whole)[0][1:], model(**alone)[0]
    for axis, size in enumerate(together.shape):
        together = together.narrow(axis, 0, short) if size == LENGTH else together
    close(together, single)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_attentions_and_hidden_states_do_not_change_the_result(name):
    model, inputs = tiny.make(name), inputs_of(name)
    plain = model(**inputs)
    full = model(**inputs, output_attentions=True, output_hidden_states=True)
    close(plain[0], full[0])
    assert set(full.keys()) > set(plain.keys())
    for key in set(full.keys()) - set(plain.keys()):
        assert key.endswith(("attentions", "hidden_states")) and isinstance(full[key], tuple)
        for tensor in full[key] if key.endswith("attentions") else ():
            close(tensor.sum(-1), torch.ones(tensor.shape[:-1]))
    if name in SINGLE_STACKS:
        assert len(full.attentions) == len(full.hidden_states) - 1 == model.config.num_hidden_layers


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_the_parts_of_a_batch_give_what_the_batch_gives(name):
    model, inputs = tiny.make(name), inputs_of(name, rows=3)
    together = leaves(model(**inputs)[0])[0]
    for rows in (slice(0, 0), *(slice(row, row + 1) for row in range(3))):
        some = leaves(model(**{key: value[rows] for key, value in inputs.items()})[0])[0]
        close(torch.from_numpy(together[rows]), torch.from_numpy(some))


@cache
@torch.no_grad()
def traced(name):
    """A model and its trace, which two tests read."""
    model = tiny.make(name, torchscript=True, use_cache=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", torch.jit.TracerWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        return model, torch.jit.trace(model, example_kwarg_inputs=inputs_of(name))


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_traces_serve_other_shapes(name):
    """`torch.jit.trace` works, and the trace takes batches of other sizes and lengths."""
    model, trace = traced(name)
    for other in (inputs_of(name, rows=3, seed=1), tiny.tensors(tiny.inputs(name, length=2 * LENGTH, seed=1))):
        for ours, eager in zip(leaves(trace(**other)), leaves(model(**other)), strict=True):
            close(torch.from_numpy(ours), torch.from_numpy(eager))


@pytest.mark.parametrize("name", CLASSES)
def test_traces_have_the_names_of_the_model(name):
    model, trace = traced(name)
    assert list(trace.state_dict()) == list(model.state_dict())


@pytest.mark.parametrize("name", SINGLE_STACKS)
@torch.no_grad()
def test_chunked_feed_forward(name):
    """Positions that are computed a few at a time give what they give at once."""
    model, chunked = tiny.make(name), tiny.make(name, chunk_size_feed_forward=1)
    close(chunked(**inputs_of(name))[0], model(**inputs_of(name))[0])


@pytest.mark.parametrize("name", tiny.single_stacks(tiny.writers()))
@torch.no_grad()
def test_decoders_look_back_only(name):
    model, inputs = tiny.make(name), inputs_of(name)
    changed = inputs["input_ids"].clone()
    changed[:, -1] = (changed[:, -1] - 5) % 50 + 6
    for mask in (None, torch.ones_like(changed)):
        before, after = model(inputs["input_ids"], attention_mask=mask)[0], model(changed, attention_mask=mask)[0]
        close(before[:, :-1], after[:, :-1])
        assert not torch.allclose(before[:, -1], after[:, -1], atol=1e-3)


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_half_precision(name):
    inputs = inputs_of(name)
    whole = tiny.make(name, std=None)(**inputs)[0]
    half = tiny.make(name, std=None).to(torch.bfloat16)(**inputs)[0]
    assert half.dtype == torch.bfloat16
    assert (whole - half.float()).abs().max() < 0.05 * whole.abs().max() + 0.05


# --- copies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
@torch.no_grad()
def test_copies_are_independent_and_give_the_same(name):
    model, inputs = tiny.make(name), inputs_of(name)
    expected = model(**inputs)[0]
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert torch.equal(again(**inputs)[0], expected)
        assert len(list(again.parameters())) == len(list(model.parameters()))
        for parameter in again.parameters():
            parameter.add_(1.0)
    assert torch.equal(model(**inputs)[0], expected)


@pytest.mark.parametrize("name", CLASSES)
def test_state_dicts_are_taken(name):
    model, other = tiny.make(name), tiny.make(name, seed=1)
    for parameter in other.parameters():
        parameter.data.zero_()
    result = other.load_state_dict(model.state_dict())
    assert not result.missing_keys and not result.unexpected_keys
    assert all(torch.equal(value, other.state_dict()[key]) for key, value in model.state_dict().items())


AUTO = {name: getattr(formers, name)._table for name in dir(formers) if name.startswith("AutoModel")}
PICKED = [(auto, cls.__name__) for auto, table in AUTO.items() for cls in table.values()]


@pytest.mark.parametrize(("auto", "name"), PICKED)
@pytest.mark.filterwarnings("ignore:AutoModelWithLMHead:FutureWarning")
def test_auto_classes_read_what_was_saved(auto, name, tmp_path):
    tiny.make(name).save_pretrained(tmp_path)
    assert type(getattr(formers, auto).from_pretrained(tmp_path)) is getattr(formers, name)


# --- surgery ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SINGLE_STACKS)
@torch.no_grad()
def test_pruned_heads_are_gone_and_saved(name, tmp_path):
    model, inputs = tiny.make(name), inputs_of(name)
    heads, layers = model.config.num_attention_heads, model.config.num_hidden_layers
    masked = torch.ones(layers, heads)
    masked[0, 1] = masked[1, 0] = masked[1, 2] = 0
    expected = model(**inputs, head_mask=masked)[0]
    try:
        model.prune_heads({0: [1], 1: [0]})
    except NotImplementedError as refused:
        assert str(refused)
        pytest.skip(f"{name} has no pruning of heads")
    model.prune_heads({1: [0, 2]})
    close(model(**inputs)[0], expected)
    left = [weights.shape[-3] for weights in model(**inputs, output_attentions=True).attentions]
    assert left[:2] == [heads - 1, heads - 2]
    model.save_pretrained(tmp_path)
    again = type(model).from_pretrained(tmp_path)
    assert again.config.pruned_heads == {0: [1], 1: [0, 2]}
    close(again(**inputs)[0], expected)
    with pytest.raises(IndexError, match=rf"the attention has heads 0 to {heads - 1}"):
        model.prune_heads({0: [heads]})


@pytest.mark.parametrize("name", OF_ONE_PART)
@torch.no_grad()
def test_resized_vocabulary(name):
    model, inputs = tiny.make(name), inputs_of(name)
    old, before = model.config.vocab_size, model.get_input_embeddings().weight.clone()
    assert model.resize_token_embeddings(None).num_embeddings == old
    whole = model(**inputs)[0]
    for size in (old + 4, 60):
        embeddings = model.resize_token_embeddings(size)
        assert embeddings is model.get_input_embeddings() is model.base_model.get_input_embeddings()
        assert embeddings.num_embeddings == model.config.vocab_size == size
        assert torch.equal(embeddings.weight[:60], before[:60])
        first, output = model(**inputs)[0], model.get_output_embeddings()
        if output is None or model.is_base:  # BART's base model scores too, if it is asked
            close(first, whole)
        else:
            assert output.weight is embeddings.weight and first.shape[-1] == size
            assert output.bias is None or output.bias.shape[0] == size
            close(first[..., :60], whole[..., :60])


@pytest.mark.parametrize("name", OF_ONE_PART)
@torch.no_grad()
def test_token_embeddings_can_be_replaced(name):
    model, inputs = tiny.make(name), inputs_of(name)
    before, old = model(**inputs)[0], model.get_input_embeddings()
    other = nn.Embedding(*old.weight.shape)
    for owner in (model, model.base_model):
        owner.set_input_embeddings(other)
        assert model.get_input_embeddings() is model.base_model.get_input_embeddings() is other
        assert not torch.allclose(model(**inputs)[0], before, atol=1e-3)
        owner.set_input_embeddings(old)
        close(model(**inputs)[0], before)
