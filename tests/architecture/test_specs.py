"""The specs of the families: values that say what the models are."""

import dataclasses

import pytest
from tests import tiny

from formers import (
    BartConfig,
    CTRLConfig,
    GPT2Config,
    MarianConfig,
    OpenAIGPTConfig,
    T5Config,
)
from formers.architecture import AdditiveMask, CacheFormat, LayerNorm, Learned, RMSNorm, Sinusoid, WordTypes
from formers.families import families


def spec(config):
    return families()[config.model_type].architecture(config)


# A model made of two has the specs of the two.
OF_ONE_PART = [name for name in families() if not hasattr(tiny.config_of(name), "encoder")]


@pytest.mark.parametrize("model_type", OF_ONE_PART)
def test_specs_are_values(model_type):
    """Equal when made from equal numbers, usable as keys, never changed."""
    one, other = (families()[model_type].architecture(tiny.config_of(model_type)) for _ in range(2))
    assert one == other and hash(one) == hash(other)
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.init = None


def test_gpt2():
    stack = spec(GPT2Config(n_layer=3)).stack
    assert (len(stack.layers), stack.hidden, stack.cache) == (3, 768, CacheFormat.STACKED)
    assert stack.embeddings.positions == Learned(1024) and stack.embeddings.types == WordTypes()
    layer = stack.layers[0]
    assert layer.attention.before == layer.feed_forward.before == stack.final_norm == LayerNorm(1e-5)
    assert layer.attention.block.causal and layer.attention.block.projections == "joined"


def test_gpt_has_its_norms_behind_and_its_own_gelu():
    stack = spec(OpenAIGPTConfig()).stack
    assert stack.layers[0].attention.before is None and stack.layers[0].attention.after == LayerNorm(1e-5)
    assert stack.final_norm is None and stack.cache is None
    assert stack.layers[0].feed_forward.block.activation == "gelu_new"


def test_ctrl_computes_its_positions():
    stack = spec(CTRLConfig()).stack
    assert stack.embeddings.positions == Sinusoid(256, "halves", stored=False)
    assert stack.embeddings.scale == pytest.approx(1280**0.5)


def test_decoders_know_what_encoders_do_not():
    model = spec(T5Config())
    assert all(layer.cross_attention is None for layer in model.encoder.layers)
    assert all(layer.cross_attention is not None and layer.attention.block.causal for layer in model.decoder.layers)
    assert model.encoder.cache is None and model.decoder.cache is CacheFormat.TUPLES
    assert model.encoder.position_bias.both_ways and not model.decoder.position_bias.both_ways
    assert model.decoder.layers[0].attention.block.scale == 1.0
    assert model.decoder.layers[0].cross_attention.block.mask == AdditiveMask(-1e9)
    assert model.encoder.final_norm == RMSNorm(1e-6)


def test_newer_t5():
    model = spec(T5Config(feed_forward_proj="gated-gelu", num_decoder_layers=2, num_layers=3))
    block = model.encoder.layers[0].feed_forward.block
    assert block.gated and block.activation == "gelu_new"
    assert model.decoder.cross_position_bias is None
    assert (len(model.encoder.layers), len(model.decoder.layers)) == (3, 2)


def test_bart_its_multilingual_kind_and_marian():
    bart = spec(BartConfig())
    assert bart.decoder.embeddings.positions == Learned(1024, offset=2)
    assert bart.decoder.layers[0].attention.after == LayerNorm(1e-5) and bart.decoder.final_norm is None
    mbart = spec(BartConfig(normalize_before=True, add_final_layer_norm=True, scale_embedding=True))
    assert mbart.decoder.layers[0].attention.before == mbart.decoder.final_norm == LayerNorm(1e-5)
    marian = spec(MarianConfig(static_position_embeddings=True, normalize_embedding=False))
    assert marian.encoder.embeddings.positions == Sinusoid(1024, "halves") and marian.encoder.embeddings.norm is None
