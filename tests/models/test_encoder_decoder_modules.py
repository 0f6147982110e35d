"""The documented modules of BART and T5: looked at, replaced and called by themselves, also while text is generated."""
import copy

import pytest
import torch
from torch import nn

from formers.families.bart.configuration import BartConfig
from formers.families.bart.torch_models import BartForConditionalGeneration
from formers.families.marian.configuration import MarianConfig
from formers.families.marian.torch_models import MarianMTModel
from formers.families.t5.configuration import T5Config
from formers.families.t5.torch_models import T5ForConditionalGeneration

BART = dict(
    vocab_size=50, d_model=16, encoder_layers=2, decoder_layers=2, encoder_attention_heads=2,
    decoder_attention_heads=2, encoder_ffn_dim=20, decoder_ffn_dim=20, max_position_embeddings=40, dropout=0.0,
    init_std=0.3, decoder_start_token_id=2,
)  # fmt: skip
T5 = dict(
    vocab_size=50, d_model=16, d_kv=4, d_ff=20, num_layers=2, num_heads=3, dropout_rate=0.0,
    relative_attention_num_buckets=8, decoder_start_token_id=0, initializer_factor=0.5,
)  # fmt: skip
MODELS = {
    "BART": (BartForConditionalGeneration, BartConfig, BART),
    "mBART": (
        BartForConditionalGeneration, BartConfig,
        BART | dict(normalize_before=True, add_final_layer_norm=True, scale_embedding=True),
    ),
    "Marian": (
        MarianMTModel, MarianConfig, BART | dict(static_position_embeddings=True, normalize_embedding=False),
    ),
    "T5": (T5ForConditionalGeneration, T5Config, T5),
    "T5 v1.1": (
        T5ForConditionalGeneration, T5Config, T5 | dict(feed_forward_proj="gated-gelu", tie_word_embeddings=False)
    ),
}  # fmt: skip
IDS = torch.tensor([[5, 6, 7, 8, 9, 2], [11, 12, 13, 2, 1, 1], [4, 3, 22, 31, 40, 2]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0], [1, 1, 1, 1, 1, 1]])
DECODER_IDS = torch.tensor([[2, 7, 8, 9], [2, 11, 1, 1], [2, 22, 30, 31]])
DECODER_MASK = torch.tensor([[1, 1, 1, 1], [1, 1, 0, 0], [1, 1, 1, 1]])


def make(name):
    kind, config, settings = MODELS[name]
    torch.manual_seed(1)
    return kind(config(**settings)).eval()


@pytest.fixture(scope="module", params=MODELS)
def model(request):
    return make(request.param)


def kinds(model):
    """Names of the classes of documented containers."""
    return sorted({type(module).__name__ for module in model.modules() if [*module.children()]} - {"ModuleList"})


def results(model):
    """What the model gives in all ways of calling it."""
    found = []
    for masks in ({}, dict(attention_mask=MASK, decoder_attention_mask=DECODER_MASK)):
        found.append(
            model(IDS, decoder_input_ids=DECODER_IDS, use_cache=False, output_attentions=True,
                  output_hidden_states=True, **masks)
        )  # fmt: skip
    first = model(IDS, attention_mask=MASK, decoder_input_ids=DECODER_IDS[:, :1], use_cache=True)
    cached = {model.task.cache: first[1][1]}
    encoded = first[1][0] if isinstance(model, T5ForConditionalGeneration) else (first[1][0][0],)
    ids = DECODER_IDS[:, 1:2] if isinstance(model, T5ForConditionalGeneration) else DECODER_IDS[:, :2]
    cached |= dict(attention_mask=MASK, encoder_outputs=encoded, decoder_input_ids=ids, use_cache=True)
    found += [first, model(None, **cached)]
    beams = dict(num_beams=3, num_return_sequences=2)
    for options in ({}, beams, dict(use_cache=False), dict(use_cache=False, num_beams=2)):
        found.append(model.generate(IDS, attention_mask=MASK, max_length=9, early_stopping=True, **options))
    return found


def assert_same(one, other):
    if isinstance(one, torch.Tensor):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-5)
    elif isinstance(one, dict) and not isinstance(one, tuple):
        assert one.keys() == other.keys()
        for key in one:
            assert_same(one[key], other[key])
    elif one is not None:
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_same(left, right)


@pytest.fixture(scope="module")
def plain(model):
    with torch.no_grad():
        return results(model)


class Wrapper(nn.Module):
    """What users put around a module."""

    def __init__(self, module):
        super().__init__()
        self.module = module
        self.called = 0

    def __getattr__(self, name):
        try:
            return super().__getattr__(name)
        except AttributeError:
            return getattr(self.module, name)

    def forward(self, *args, **kwargs):
        self.called += 1
        return self.module(*args, **kwargs)


def test_hooks_see_every_kind_of_module(model, plain):
    """A module with a hook is called with documented arguments, and nothing changes."""
    for kind in kinds(model):
        hooked = copy.deepcopy(model)
        seen = []
        for module in hooked.modules():
            if type(module).__name__ == kind:
                module.register_forward_hook(lambda module, given, result, seen=seen: seen.append(module))
        with torch.no_grad():
            assert_same(results(hooked), plain)
        # In every step of greedy decoding and of beam search too; an encoder is called once a text.
        assert len(seen) > (6 if "Encoder" in kind else 20), (kind, len(seen))


def test_modules_may_be_replaced(model, plain):
    for kind in kinds(model):
        if kind in (type(model).__name__, type(model.base_model).__name__):
            continue
        replaced = copy.deepcopy(model)
        wrappers = []
        for module in list(replaced.modules()):
            for name, child in list(module.named_children()):
                if type(child).__name__ == kind:
                    wrappers.append(Wrapper(child))
                    setattr(module, name, wrappers[-1])
        with torch.no_grad():
            assert_same(results(replaced), plain)
        assert all(wrapper.called for wrapper in wrappers), kind


def test_all_modules_hooked_at_once(model, plain):
    hooked = copy.deepcopy(model)
    for module in hooked.modules():
        module.register_forward_hook(lambda module, given, result: None)
    with torch.no_grad():
        assert_same(results(hooked), plain)


def test_what_a_hook_gives_counts_while_text_is_generated(model):
    """A hook that changes a layer's states changes the text, with and without a cache alike."""
    changed = copy.deepcopy(model)
    decoder = changed.get_decoder()
    layer = (decoder.layers if hasattr(decoder, "layers") else decoder.block)[1]

    def shift(module, given, result):
        return (result[0].roll(1, -1) * 3, *result[1:])

    layer.register_forward_hook(shift)
    options = dict(attention_mask=MASK, max_length=9, num_beams=2, early_stopping=True)
    texts = [changed.generate(IDS, use_cache=use_cache, **options) for use_cache in (True, False)]
    assert torch.equal(texts[0], texts[1])
    assert not torch.equal(texts[0], model.generate(IDS, **options))
