"""BART (Lewis et al., 2019), mBART (Liu et al., 2020) and the models of Marian (Junczys-Dowmunt et al., 2018)."""
import math

from formers.architecture import (
    Block,
    CacheFormat,
    CrossAttention,
    Embeddings,
    EncoderDecoder,
    FeedForward,
    InfiniteMask,
    KeyValues,
    Layer,
    LayerNorm,
    Learned,
    Normal,
    Positions,
    RotatedInputs,
    SelfAttention,
    Sinusoid,
    Stack,
    Sublayer,
    Tokens,
)

from .configuration import BartConfig

NORM = LayerNorm(1e-5)
FIRST_POSITION = 2  # row of the position embeddings; those before it stood for padding once


def architecture(config: BartConfig) -> EncoderDecoder:
    """Return BART's architecture."""
    embeddings = _embeddings(config)
    encoder = Stack(
        config.d_model,
        embeddings,
        (encoder_layer(config),) * config.encoder_layers,
        final_norm=NORM if config.normalize_before else None,
        layer_dropout=config.encoder_layerdrop,
        checkpointing=config.gradient_checkpointing,
    )
    decoder = Stack(
        config.d_model,
        embeddings,
        (decoder_layer(config),) * config.decoder_layers,
        memory=KeyValues(CacheFormat.NAMED),
        final_norm=NORM if config.add_final_layer_norm else None,
        layer_dropout=config.decoder_layerdrop,
        checkpointing=config.gradient_checkpointing,
        states="inputs",
    )
    return EncoderDecoder(encoder, decoder, Normal(config.init_std), RotatedInputs(config.pad_token_id))


def _embeddings(config: BartConfig) -> Embeddings:
    size = config.max_position_embeddings
    positions: Positions = Learned(size, offset=FIRST_POSITION)
    if config.static_position_embeddings:
        positions = Sinusoid(size, "halves")
    scale = math.sqrt(config.d_model) if config.scale_embedding else 1.0
    return Embeddings(
        tokens=Tokens(config.vocab_size, config.d_model, config.pad_token_id, scale),
        positions=positions,
        norm=NORM if config.normalize_embedding else None,
        dropout=config.dropout,
    )


def encoder_layer(config: BartConfig) -> Layer:
    """Return a layer of the encoder."""
    return Layer(
        (
            _sublayer(config, "attention", _attention(config, config.encoder_attention_heads)),
            _sublayer(config, "feed_forward", _feed_forward(config, config.encoder_ffn_dim)),
        )
    )


def decoder_layer(config: BartConfig) -> Layer:
    """Return a layer of the decoder."""
    heads, dropout = config.decoder_attention_heads, config.attention_dropout
    attention = _attention(config, heads, causal=True)
    cross = CrossAttention(heads, attention.head_size, attention.scale, InfiniteMask(), dropout=dropout)
    return Layer(
        (
            _sublayer(config, "attention", attention),
            _sublayer(config, "cross_attention", cross),
            _sublayer(config, "feed_forward", _feed_forward(config, config.decoder_ffn_dim)),
        )
    )


def _attention(config: BartConfig, heads: int, causal: bool = False) -> SelfAttention:
    if config.d_model % heads:
        raise ValueError(
            f"d_model {config.d_model} is not a multiple of the {heads} attention heads: change one of them"
        )
    size = config.d_model // heads
    return SelfAttention(
        heads, size, size**-0.5, InfiniteMask(), causal=causal, dropout=config.attention_dropout
    )


def _feed_forward(config: BartConfig, size: int) -> FeedForward:
    return FeedForward(size, config.activation_function, dropout=config.activation_dropout)


def _sublayer(config: BartConfig, name: str, block: Block) -> Sublayer:
    """Return a block with its norm and dropout."""
    if config.normalize_before:
        return Sublayer(name, block, before=NORM, dropout=config.dropout)
    return Sublayer(name, block, after=NORM, dropout=config.dropout)
