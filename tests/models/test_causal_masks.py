"""The mask of GPT's and GPT-2's attention, which old code changes in place."""

import copy
import io
import pickle

import pytest
import torch
from tests import tiny

NAMES = ["GPT2LMHeadModel", "OpenAIGPTLMHeadModel"]
IDS = torch.tensor([[7, 9, 11, 13, 8, 6], [6, 8, 10, 12, 9, 7]])
MASK = torch.tensor([[1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])


@pytest.fixture(params=NAMES)
@torch.no_grad()
def model(request):
    return tiny.make(request.param)


def attentions(model):
    return [block.attn for block in model.transformer.h]


def lift(model):
    for attention in attentions(model):
        attention.bias.fill_(1)


@torch.no_grad()
def logits(model, ids=IDS, mask=MASK):
    return model(ids, attention_mask=mask)[0]


@torch.no_grad()
def by_hand(model, visible):
    """The scores of a model that is told for each query what it sees. *Shape:* `[batch, query, key]`."""
    return model(IDS, attention_mask=visible)[0]


def everything(mask):
    """A mask that says for each query what it sees: all tokens."""
    return mask[:, None, :].expand(-1, mask.shape[1], -1)


def test_a_lifted_mask_counts(model):
    plain, expected = logits(model), by_hand(model, everything(MASK))
    assert (plain - expected).abs().max() > 1e-3
    lift(model)
    torch.testing.assert_close(logits(model), expected, rtol=1e-5, atol=1e-5)
    for attention in attentions(model):
        attention.bias.tril_()
    torch.testing.assert_close(logits(model), plain, rtol=1e-5, atol=1e-5)


def test_a_mask_of_one_layer_is_its_own(model):
    plain = logits(model)
    attentions(model)[0].bias.fill_(1)
    one = logits(model)
    assert (one - plain).abs().max() > 1e-3
    lift(model)
    assert (logits(model) - one).abs().max() > 1e-3
    torch.testing.assert_close(logits(tiny.make(type(model).__name__)), plain, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("how", ["assigned", "copied", "pickled", "moved", "loaded", "hooked", "traced", "exported"])
def test_a_lifted_mask_counts_however(model, how):
    expected = by_hand(model, everything(torch.ones_like(IDS)))
    logits(model)
    if how == "assigned":
        for attention in attentions(model):
            attention.bias = torch.ones_like(attention.bias)
    elif how == "loaded":
        lifted = copy.deepcopy(model)
        lift(lifted)
        model.load_state_dict(lifted.state_dict())
    else:
        lift(model)
    if how == "copied":
        model = copy.deepcopy(model)
    elif how == "pickled":
        model = pickle.loads(pickle.dumps(model))
    elif how == "moved":
        model = model.double().float()
    elif how == "hooked":
        for block in model.transformer.h:
            block.attn.register_forward_hook(lambda *_: None)
            block.register_forward_hook(lambda *_: None)
    elif how == "traced":
        model.config.use_cache = False
        traced = torch.jit.trace(model, (IDS,), strict=False)
        torch.testing.assert_close(traced(IDS)[0], expected, rtol=1e-5, atol=1e-5)
        return
    elif how == "exported":
        model.config.use_cache = False
        exported = torch.export.export(model, (IDS,)).module()
        torch.testing.assert_close(exported(IDS)[0], expected, rtol=1e-5, atol=1e-5)
        return
    torch.testing.assert_close(logits(model, mask=None), expected, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_a_lifted_mask_counts_with_a_cache():
    model = tiny.make("GPT2LMHeadModel")
    lift(model)
    first = model(IDS[:, :4], use_cache=True)
    both = model(IDS[:, 4:], past=first[1], use_cache=True)
    visible = torch.ones(6, 6, dtype=torch.long)
    visible[:4, 4:] = 0  # those positions came later
    plain = tiny.make("GPT2LMHeadModel")
    expected = by_hand(plain, visible.expand(2, -1, -1))
    torch.testing.assert_close(torch.cat([first[0], both[0]], 1), expected, rtol=1e-5, atol=1e-5)


@torch.no_grad()
def test_another_fill_counts():
    model = tiny.make("GPT2LMHeadModel")
    plain = logits(model)
    for attention in attentions(model):
        attention.masked_bias.fill_(0.0)
    assert (logits(model) - plain).abs().max() > 1e-3
    for attention in attentions(model):
        attention.masked_bias.fill_(-1e9)
    torch.testing.assert_close(logits(model), plain, rtol=1e-5, atol=1e-5)


def test_overridden_steps_count(model):
    """A subclass that overrides a step of the attention, and a step that is set on an instance."""
    plain, (first, *_) = logits(model), attentions(model)
    seen = []

    class Watching(type(first)):
        def _attn(self, *args, **kwargs):
            seen.append(len(args))
            return super()._attn(*args, **kwargs)

    first.__class__ = Watching
    torch.testing.assert_close(logits(model), plain, rtol=1e-5, atol=1e-5)
    assert seen
    second = attentions(model)[-1]
    second.merge_heads = lambda x: 0 * type(second).merge_heads(second, x)
    assert (logits(model) - plain).abs().max() > 1e-3


def test_another_scale_counts(model):
    plain = logits(model)
    attentions(model)[0].scale = False
    assert (logits(model) - plain).abs().max() > 1e-3
    attentions(model)[0].scale = True
    torch.testing.assert_close(logits(model), plain, rtol=1e-5, atol=1e-5)


def test_masks_that_cannot_be_told(model):
    """A layer with hooks masks later positions by itself, so a mask for each query would not be kept."""
    model.transformer.h[0].register_forward_hook(lambda *_: None)
    with pytest.raises(ValueError, match=r"shape \(2, 6, 6\).*hooks"):
        logits(model, mask=everything(MASK))


def test_state_dicts_may_lack_it(model):
    """Files carry it or not; its values are known."""
    plain, state = logits(model), model.state_dict()
    buffers = {name for name, _ in model.named_buffers()}
    assert buffers <= set(state)
    model.load_state_dict({name: value for name, value in state.items() if name not in buffers})
    torch.testing.assert_close(logits(model), plain)
    with io.BytesIO() as file:
        torch.save(model.state_dict(), file)
        file.seek(0)
        model.load_state_dict(torch.load(file))


def test_more_positions_than_the_mask_has(model):
    first = attentions(model)[0]
    size, hidden = first.bias.shape[-1], first.split_size
    with pytest.raises(ValueError, match=f"{size + 1} positions, but its mask has {size}"):
        first(torch.ones(1, size + 1, hidden))
    with pytest.raises(ValueError, match=f"{size + 1} positions, but its mask has {size}"):
        model.transformer.h[0](torch.ones(1, size + 1, hidden))
