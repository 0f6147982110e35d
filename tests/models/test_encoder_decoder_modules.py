"""The documented modules of BART and T5: looked at, replaced and called by themselves, also while text is generated."""
import copy

import pytest
import torch
from torch import nn

from formers import BertConfig, EncoderDecoderConfig, EncoderDecoderModel
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


# --- T5 ---------------------------------------------------------------------------------------------------------------


class AroundBlock(nn.Module):
    """A wrapper as readers of many passages had it: three arguments by position, the others by name."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, hidden_states, attention_mask, position_bias, **kwargs):
        return self.module(hidden_states, attention_mask, position_bias, **kwargs)


class Passages(nn.Module):
    """An encoder that reads the halves of a text one by one, and gives their states in one sequence."""

    def __init__(self, encoder):
        super().__init__()
        self.encoder = encoder

    def forward(self, input_ids=None, attention_mask=None, **kwargs):
        rows, length = input_ids.shape
        outputs = self.encoder(input_ids.view(rows * 2, -1), attention_mask.view(rows * 2, -1), **kwargs)
        return (outputs[0].reshape(rows, length, -1), *outputs[1:])


@torch.no_grad()
def test_wrappers_with_signatures_of_their_own():
    model = make("T5")
    plain = model.generate(IDS, attention_mask=MASK, max_length=8, num_beams=2, early_stopping=True)
    for stack in (model.encoder, model.decoder):
        stack.block = nn.ModuleList(AroundBlock(block) for block in stack.block)
    assert torch.equal(model.generate(IDS, attention_mask=MASK, max_length=8, num_beams=2, early_stopping=True), plain)
    encoder = model.encoder
    model.encoder = Passages(encoder)
    states = model(IDS, attention_mask=MASK, decoder_input_ids=DECODER_IDS).encoder_last_hidden_state
    halves = [encoder(IDS[:, at], attention_mask=MASK[:, at])[0] for at in (slice(0, 3), slice(3, 6))]
    torch.testing.assert_close(states, torch.cat(halves, 1))
    assert model.get_encoder() is model.encoder
    model.generate(IDS, attention_mask=MASK, max_length=5)


@torch.no_grad()
def test_position_biases_that_are_computed_in_another_way():
    """The first block says the biases of all."""
    model, other = make("T5"), make("T5")
    attention = model.encoder.block[0].layer[0].SelfAttention
    original = attention.compute_bias
    attention.compute_bias = lambda qlen, klen: original(qlen, klen) * 2
    other.encoder.block[0].layer[0].SelfAttention.relative_attention_bias.weight.mul_(2)
    assert_same(model(IDS, decoder_input_ids=DECODER_IDS)[0], other(IDS, decoder_input_ids=DECODER_IDS)[0])
    # A module of another kind in the place of the first block, which gives them as documented.
    model, first = make("T5"), make("T5").encoder.block[0]

    class Doubled(nn.Module):
        def __init__(self):
            super().__init__()
            self.block = first
            first.layer[0].SelfAttention.relative_attention_bias.weight.mul_(2)

        def forward(self, hidden_states, **kwargs):
            assert kwargs["position_bias"] is None
            return self.block(hidden_states, **kwargs)

    model.encoder.block[0] = Doubled()
    assert_same(model(IDS, decoder_input_ids=DECODER_IDS)[0], other(IDS, decoder_input_ids=DECODER_IDS)[0])


@torch.no_grad()
def test_heads_of_an_attention_are_pruned():
    """As if the outputs of the heads were zero."""
    model, other = make("T5"), make("T5")
    for layer, name in ((0, "SelfAttention"), (1, "EncDecAttention")):
        attention = getattr(model.decoder.block[1].layer[layer], name)
        attention.prune_heads([1])
        assert (attention.n_heads, attention.inner_dim, attention.pruned_heads) == (2, 8, {1})
        getattr(other.decoder.block[1].layer[layer], name).o.weight[:, 4:8] = 0
    inputs = dict(attention_mask=MASK, decoder_input_ids=DECODER_IDS)
    torch.testing.assert_close(model(IDS, **inputs)[0], other(IDS, **inputs)[0], atol=1e-5, rtol=1e-5)
    assert torch.equal(model.generate(IDS, max_length=6), other.generate(IDS, max_length=6))
    with pytest.raises(IndexError, match="heads 0 to 2"):
        attention.prune_heads([3])


# --- BART -------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def test_attributes_of_stacks_count():
    model = make("BART")
    inputs = dict(decoder_input_ids=DECODER_IDS, use_cache=False)
    plain = model(IDS, **inputs)[0]
    model.model.encoder.embed_scale = 2.0
    scaled = model(IDS, **inputs)[0]
    assert not torch.allclose(scaled, plain)
    model.model.encoder.embed_scale = 1.0
    model.model.encoder.layerdrop = 1.0
    torch.testing.assert_close(model(IDS, **inputs)[0], plain)
    model.train()
    states = model(IDS, output_hidden_states=True, **inputs).encoder_hidden_states
    torch.testing.assert_close(states[0], states[2])  # each layer is left out


@torch.no_grad()
def test_dropouts_are_numbers():
    model = make("BART").train()
    inputs = dict(decoder_input_ids=DECODER_IDS, use_cache=False)
    plain = model(IDS, **inputs)[0]
    torch.testing.assert_close(model(IDS, **inputs)[0], plain)
    layer = model.model.decoder.layers[0]
    for owner, name in ((layer, "dropout"), (layer, "activation_dropout"), (layer.self_attn, "dropout"),
                        (layer.encoder_attn, "dropout"), (model.model.decoder, "dropout")):  # fmt: skip
        setattr(owner, name, 0.5)
        assert not torch.allclose(model(IDS, **inputs)[0], plain), name
        setattr(owner, name, 0.0)


@torch.no_grad()
def test_norms_that_a_model_lacks_can_be_put_in():
    model = make("Marian")
    inputs = dict(decoder_input_ids=DECODER_IDS, use_cache=False)
    plain = model(IDS, **inputs)[0]
    encoder = model.model.encoder
    assert type(encoder.layernorm_embedding) is nn.Identity and encoder.layer_norm is None
    encoder.layernorm_embedding = nn.LayerNorm(16)
    with_norm = model(IDS, **inputs)[0]
    assert not torch.allclose(with_norm, plain)
    encoder.layernorm_embedding = nn.Identity()
    encoder.layer_norm = nn.LayerNorm(16)
    assert not torch.allclose(model(IDS, **inputs)[0], plain)


@torch.no_grad()
def test_the_dict_of_a_layer_is_changed_in_place():
    model = make("BART").model
    layer, x, source = model.decoder.layers[0], torch.randn(3, 2, 16), torch.randn(5, 2, 16)
    causal = torch.full((3, 3), -torch.inf).triu(1)
    whole, _, _ = layer(x, source, causal_mask=causal)
    state = {}
    for at in range(3):
        step, _, given = layer(x[at : at + 1], source, layer_state=state)
        assert given is state and state["self"]["prev_key"].shape == (2, 2, at + 1, 8)
        torch.testing.assert_close(step[0], whole[at])


# --- both -------------------------------------------------------------------------------------------------------------


@torch.no_grad()
def test_token_embeddings_are_one_module(model):
    base = model.base_model
    encoder, decoder = model.get_encoder(), model.get_decoder()
    assert base.shared is encoder.embed_tokens is decoder.embed_tokens is model.get_input_embeddings()
    grown = copy.deepcopy(model)
    grown.resize_token_embeddings(60)
    base = grown.base_model
    assert base.shared is grown.get_encoder().embed_tokens is grown.get_decoder().embed_tokens
    new = nn.Embedding(60, 16)
    grown.set_input_embeddings(new)
    assert grown.get_encoder().embed_tokens is new is grown.get_decoder().get_input_embeddings()


# --- models made of two -----------------------------------------------------------------------------------------------


@torch.no_grad()
def test_a_model_made_of_two():
    settings = dict(
        vocab_size=40, hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=20,
        initializer_range=0.3, hidden_dropout_prob=0.0,
    )  # fmt: skip
    reads, writes = BertConfig(**settings), BertConfig(**settings)
    config = EncoderDecoderConfig.from_encoder_decoder_configs(reads, writes)
    assert writes.is_decoder and config.decoder.is_decoder and not config.encoder.is_decoder
    model = EncoderDecoderModel(config).eval()
    assert model.config.decoder.is_decoder and model.get_decoder() is model.decoder
    options = dict(decoder_start_token_id=2, pad_token_id=0, max_length=7, num_beams=2, early_stopping=True)
    text = model.generate(IDS.clamp(max=39), attention_mask=MASK, **options)
    seen = []
    model.decoder.bert.encoder.layer[1].register_forward_hook(lambda *args: seen.append(args))
    assert torch.equal(model.generate(IDS.clamp(max=39), attention_mask=MASK, **options), text) and len(seen) == 6
    model.decoder.bert.register_forward_hook(lambda *args: seen.append(args))
    assert torch.equal(model.generate(IDS.clamp(max=39), attention_mask=MASK, **options), text) and len(seen) == 18
    with pytest.raises(NotImplementedError, match="model.decoder.resize_token_embeddings"):
        model.resize_token_embeddings(41)
    with pytest.raises(NotImplementedError, match="model.encoder.prune_heads"):
        model.prune_heads({0: [1]})
    assert model.resize_token_embeddings(None) is model.encoder.embeddings.word_embeddings
    model.decoder.resize_token_embeddings(41)
    model.encoder.prune_heads({0: [1]})
    assert model(IDS.clamp(max=39), decoder_input_ids=DECODER_IDS)[0].shape[-1] == 41
