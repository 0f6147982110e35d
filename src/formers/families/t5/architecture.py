"""T5 (Raffel et al., 2020), versions 1.0 and 1.1."""
from typing import Any

from formers.architecture import (
    AdditiveMask,
    Bucketed,
    ByWidth,
    CacheFormat,
    CrossAttention,
    Embeddings,
    EncoderDecoder,
    FeedForward,
    Layer,
    RMSNorm,
    SelfAttention,
    ShiftedLabels,
    Stack,
    Sublayer,
)

from .configuration import T5Config

HIDDEN_POSITION = -10000.0
HIDDEN_ENCODER_POSITION = -1e9

# T5's own word for the tanh form of GELU.
ACTIVATIONS = {"gelu": "gelu_new"}


def architecture(config: T5Config) -> EncoderDecoder:
    """T5's architecture."""
    dropout = config.dropout_rate
    norm = RMSNorm(config.layer_norm_epsilon)
    embeddings = Embeddings(config.vocab_size, config.d_model, dropout=dropout)
    feed_forward = _around(config, _feed_forward(config))
    across = CrossAttention(
        config.num_heads, config.d_kv, 1.0, AdditiveMask(HIDDEN_ENCODER_POSITION), bias=False, dropout=dropout
    )
    reading = Layer(_around(config, _attention(config, causal=False)), feed_forward)
    writing = Layer(_around(config, _attention(config, causal=True)), feed_forward, _around(config, across))
    encoder = Stack(
        config.d_model,
        embeddings,
        (reading,) * config.num_layers,
        final_norm=norm,
        dropout=dropout,
        position_bias=_bias(config, both_ways=True),
        checkpointing=config.gradient_checkpointing,
    )
    decoder = Stack(
        config.d_model,
        embeddings,
        (writing,) * (config.num_decoder_layers or config.num_layers),
        final_norm=norm,
        dropout=dropout,
        position_bias=_bias(config, both_ways=False),
        cross_position_bias=None if is_gated(config) else _bias(config, both_ways=False),
        cache=CacheFormat.TUPLES,
        checkpointing=config.gradient_checkpointing,
    )
    inputs = ShiftedLabels(config.decoder_start_token_id, config.pad_token_id)
    return EncoderDecoder(encoder, decoder, ByWidth(config.initializer_factor), inputs)


def is_gated(config: T5Config) -> bool:
    """Whether this is version 1.1: a gated feed-forward block, and no bias on the attention to the encoder."""
    return config.feed_forward_proj.startswith("gated-")


def _bias(config: T5Config, both_ways: bool) -> Bucketed:
    return Bucketed(config.relative_attention_num_buckets, config.relative_attention_max_distance, both_ways)


def _attention(config: T5Config, causal: bool) -> SelfAttention:
    mask = AdditiveMask(HIDDEN_POSITION)
    return SelfAttention(
        config.num_heads, config.d_kv, 1.0, mask, causal=causal, bias=False, dropout=config.dropout_rate
    )


def _feed_forward(config: T5Config) -> FeedForward:
    name = config.feed_forward_proj.removeprefix("gated-")
    gated = is_gated(config)
    activation = ACTIVATIONS.get(name, name) if gated else name
    return FeedForward(config.d_ff, activation, gated, bias=False, dropout=config.dropout_rate)


def _around(config: T5Config, block: Any) -> Sublayer:
    """A block with its norm and dropout."""
    return Sublayer(block, before=RMSNorm(config.layer_norm_epsilon), dropout=config.dropout_rate)
