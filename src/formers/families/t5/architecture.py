"""T5 (Raffel et al., 2020), versions 1.0 and 1.1."""
from formers.architecture import (
    AdditiveMask,
    Block,
    Bucketed,
    ByWidth,
    CacheFormat,
    CrossAttention,
    Embeddings,
    EncoderDecoder,
    FeedForward,
    KeyValues,
    Layer,
    RMSNorm,
    SelfAttention,
    ShiftedLabels,
    Stack,
    Sublayer,
    Tokens,
)

from .configuration import T5Config

MASKED_POSITION = -10000.0
MASKED_ENCODER_POSITION = -1e9

# T5's own word for the tanh form of GELU.
ACTIVATIONS = {"gelu": "gelu_new"}


def architecture(config: T5Config) -> EncoderDecoder:
    """Return T5's architecture."""
    dropout = config.dropout_rate
    norm = RMSNorm(config.layer_norm_epsilon)
    # Its authors' token embeddings have no row that stays 0.
    embeddings = Embeddings(Tokens(config.vocab_size, config.d_model), dropout=dropout)
    encoder = Stack(
        config.d_model,
        embeddings,
        (encoder_layer(config),) * config.num_layers,
        final_norm=norm,
        dropout=dropout,
        position_bias=table(config, bidirectional=True),
        checkpointing=config.gradient_checkpointing,
    )
    decoder = Stack(
        config.d_model,
        embeddings,
        (decoder_layer(config),) * (config.num_decoder_layers or config.num_layers),
        memory=KeyValues(CacheFormat.TUPLES),
        final_norm=norm,
        dropout=dropout,
        position_bias=table(config, bidirectional=False),
        cross_position_bias=None if is_gated(config) else table(config, bidirectional=False),
        checkpointing=config.gradient_checkpointing,
    )
    inputs = ShiftedLabels(config.decoder_start_token_id, config.pad_token_id)
    return EncoderDecoder(encoder, decoder, ByWidth(config.initializer_factor), inputs)


def encoder_layer(config: T5Config) -> Layer:
    """Return a layer of the encoder."""
    attention = _sublayer(config, "attention", _attention(config, causal=False))
    return Layer((attention, _sublayer(config, "feed_forward", _feed_forward(config))))


def decoder_layer(config: T5Config) -> Layer:
    """Return a layer of the decoder."""
    mask = AdditiveMask(MASKED_ENCODER_POSITION)
    cross = CrossAttention(config.num_heads, config.d_kv, 1.0, mask, bias=False, dropout=config.dropout_rate)
    return Layer(
        (
            _sublayer(config, "attention", _attention(config, causal=True)),
            _sublayer(config, "cross_attention", cross),
            _sublayer(config, "feed_forward", _feed_forward(config)),
        )
    )


def is_gated(config: T5Config) -> bool:
    """Tell whether this is version 1.1: a gated feed-forward block, and no bias on the cross-attention."""
    return config.feed_forward_proj.startswith("gated-")


def table(config: T5Config, bidirectional: bool) -> Bucketed:
    """Return the position biases of a stack."""
    buckets, farthest = config.relative_attention_num_buckets, config.relative_attention_max_distance
    return Bucketed(buckets, farthest, bidirectional, config.num_heads)


def _attention(config: T5Config, causal: bool) -> SelfAttention:
    mask = AdditiveMask(MASKED_POSITION)
    return SelfAttention(
        config.num_heads, config.d_kv, 1.0, mask, causal=causal, bias=False, dropout=config.dropout_rate
    )


def _feed_forward(config: T5Config) -> FeedForward:
    name = config.feed_forward_proj.removeprefix("gated-")
    gated = is_gated(config)
    activation = ACTIVATIONS.get(name, name) if gated else name
    return FeedForward(config.d_ff, activation, gated, bias=False, dropout=config.dropout_rate)


def _sublayer(config: T5Config, name: str, block: Block) -> Sublayer:
    """Return a block with its norm and dropout."""
    return Sublayer(name, block, before=RMSNorm(config.layer_norm_epsilon), dropout=config.dropout_rate)
