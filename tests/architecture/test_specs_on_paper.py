"""The vocabulary fits models with caches, cross-attention and relative bias: their specs, written out."""
import dataclasses
import math

import pytest

from formers.architecture import (
    AdditiveMask,
    Bucketed,
    CacheFormat,
    CrossAttention,
    Embeddings,
    EncoderDecoder,
    FeedForward,
    InfiniteMask,
    Layer,
    LayerNorm,
    Learned,
    Normal,
    RMSNorm,
    SelfAttention,
    SingleStack,
    Stack,
    Sublayer,
    WordTypes,
)


def gpt2(hidden=768, heads=12, layers=12) -> SingleStack:
    norm = LayerNorm(1e-5)
    attention = SelfAttention(heads, hidden // heads, 1 / math.sqrt(hidden // heads), AdditiveMask(-1e4), causal=True)
    layer = Layer(
        attention=Sublayer(attention, before=norm, dropout=0.1),
        feed_forward=Sublayer(FeedForward(4 * hidden, "gelu_new"), before=norm, dropout=0.1),
    )
    embeddings = Embeddings(50257, hidden, Learned(1024), types=WordTypes(), dropout=0.1)
    stack = Stack(hidden, embeddings, (layer,) * layers, final_norm=norm, cache=CacheFormat.STACKED)
    return SingleStack(stack, Normal(0.02))


def t5(hidden=512, heads=8, layers=6) -> EncoderDecoder:
    norm = RMSNorm(1e-6)
    embeddings = Embeddings(32128, hidden, dropout=0.1)
    feed_forward = Sublayer(FeedForward(2048, "relu", bias=False, dropout=0.1), before=norm, dropout=0.1)

    def own(causal: bool) -> Sublayer:
        block = SelfAttention(heads, 64, 1.0, AdditiveMask(-1e4), causal=causal, bias=False, dropout=0.1)
        return Sublayer(block, before=norm, dropout=0.1)

    across = Sublayer(CrossAttention(heads, 64, 1.0, AdditiveMask(-1e9), bias=False), before=norm, dropout=0.1)
    encoder = Stack(
        hidden, embeddings, (Layer(own(False), feed_forward),) * layers, norm, 0.1, Bucketed(32, 128, both_ways=True)
    )
    decoder = Stack(
        hidden, embeddings, (Layer(own(True), feed_forward, across),) * layers, norm, 0.1,
        Bucketed(32, 128, both_ways=False), Bucketed(32, 128, both_ways=False), CacheFormat.TUPLES,
    )  # fmt: skip
    return EncoderDecoder(encoder, decoder, Normal(1.0))


def bart(hidden=768, heads=12, layers=6) -> EncoderDecoder:
    norm = LayerNorm(1e-5)
    embeddings = Embeddings(50265, hidden, Learned(1024, offset=2), pad=1, norm=norm, dropout=0.1)
    feed_forward = Sublayer(FeedForward(3072, "gelu"), after=norm, dropout=0.1)
    numbers = (heads, hidden // heads, 1 / math.sqrt(hidden // heads), InfiniteMask())
    own = Sublayer(SelfAttention(*numbers), after=norm, dropout=0.1)
    back = Sublayer(SelfAttention(*numbers, causal=True), after=norm, dropout=0.1)
    across = Sublayer(CrossAttention(*numbers), after=norm, dropout=0.1)
    encoder = Stack(hidden, embeddings, (Layer(own, feed_forward),) * layers)
    decoder = Stack(
        hidden, embeddings, (Layer(back, feed_forward, across),) * layers, cache=CacheFormat.NAMED
    )  # fmt: skip
    return EncoderDecoder(encoder, decoder, Normal(0.02))


@pytest.mark.parametrize("spec", [gpt2(), t5(), bart()], ids=["gpt2", "t5", "bart"])
def test_specs_are_values(spec):
    """Equal when made from equal numbers, usable as keys, never changed."""
    again = dataclasses.replace(spec)
    assert spec == again
    assert hash(spec) == hash(again)
    with pytest.raises(dataclasses.FrozenInstanceError):
        spec.init = Normal(1.0)


def test_decoders_know_what_encoders_do_not():
    model = t5()
    assert all(layer.cross_attention is None for layer in model.encoder.layers)
    assert all(layer.cross_attention is not None and layer.attention.block.causal for layer in model.decoder.layers)
    assert model.encoder.cache is None
    assert model.decoder.cache is CacheFormat.TUPLES
