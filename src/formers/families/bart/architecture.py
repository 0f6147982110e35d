"""BART (Lewis et al., 2019), mBART (Liu et al., 2020) and the models of Marian (Junczys-Dowmunt et al., 2018)."""
import math
from typing import Any

from formers.architecture import (
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
    Positions,
    RotatedInputs,
    SelfAttention,
    Sinusoid,
    Stack,
    Sublayer,
)

from .configuration import BartConfig

NORM = LayerNorm(1e-5)
FIRST_POSITION = 2  # row of the position tables; those before it stood for padding once


def architecture(config: BartConfig) -> EncoderDecoder:
    """BART's architecture."""
    encoder_heads, decoder_heads = config.encoder_attention_heads, config.decoder_attention_heads
    embeddings = _embeddings(config)
    encoder = Stack(
        config.d_model,
        embeddings,
        (Layer(_around(config, _attention(config, encoder_heads)), _feed_forward(config, config.encoder_ffn_dim)),)
        * config.encoder_layers,
        final_norm=NORM if config.normalize_before else None,
        layer_dropout=config.encoder_layerdrop,
        checkpointing=config.gradient_checkpointing,
    )
    across = CrossAttention(
        decoder_heads,
        config.d_model // decoder_heads,
        1 / math.sqrt(config.d_model // decoder_heads),
        InfiniteMask(),
        dropout=config.attention_dropout,
    )
    layer = Layer(
        attention=_around(config, _attention(config, decoder_heads, causal=True)),
        feed_forward=_feed_forward(config, config.decoder_ffn_dim),
        cross_attention=_around(config, across),
    )
    decoder = Stack(
        config.d_model,
        embeddings,
        (layer,) * config.decoder_layers,
        final_norm=NORM if config.add_final_layer_norm else None,
        cache=CacheFormat.NAMED,
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
    return Embeddings(
        vocabulary=config.vocab_size,
        size=config.d_model,
        positions=positions,
        pad=config.pad_token_id,
        scale=math.sqrt(config.d_model) if config.scale_embedding else 1.0,
        norm=NORM if config.normalize_embedding else None,
        dropout=config.dropout,
    )


def _attention(config: BartConfig, heads: int, causal: bool = False) -> SelfAttention:
    if config.d_model % heads:
        raise ValueError(f"d_model {config.d_model} is no multiple of the {heads} attention heads: change one of them")
    size = config.d_model // heads
    return SelfAttention(
        heads, size, 1 / math.sqrt(size), InfiniteMask(), causal=causal, dropout=config.attention_dropout
    )


def _feed_forward(config: BartConfig, size: int) -> Sublayer:
    return _around(config, FeedForward(size, config.activation_function, dropout=config.activation_dropout))


def _around(config: BartConfig, block: Any) -> Sublayer:
    """A block with its norm and dropout."""
    if config.normalize_before:
        return Sublayer(block, before=NORM, dropout=config.dropout)
    return Sublayer(block, after=NORM, dropout=config.dropout)
