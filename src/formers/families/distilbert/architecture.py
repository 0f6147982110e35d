"""DistilBERT (Sanh et al., 2019)."""
import math

from formers.architecture import (
    Embeddings,
    FeedForward,
    InfiniteMask,
    Layer,
    LayerNorm,
    Learned,
    Normal,
    SelfAttention,
    SingleStack,
    Sinusoid,
    Stack,
    Sublayer,
)

from .configuration import DistilBertConfig

NORM = LayerNorm(1e-12)  # in every DistilBERT, whatever its config says


def architecture(config: DistilBertConfig) -> SingleStack:
    """DistilBERT's architecture."""
    size = config.max_position_embeddings
    embeddings = Embeddings(
        vocabulary=config.vocab_size,
        size=config.dim,
        positions=Sinusoid(size, "interleaved") if config.sinusoidal_pos_embds else Learned(size),
        pad=config.pad_token_id,
        norm=NORM,
        dropout=config.dropout,
        embeds_replace="block",
    )
    layers = tuple(_layer(config, number) for number in range(config.n_layers))
    return SingleStack(Stack(config.dim, embeddings, layers), Normal(config.initializer_range))


def _layer(config: DistilBertConfig, number: int) -> Layer:
    if config.dim % config.n_heads:
        raise ValueError(f"dim {config.dim} is no multiple of n_heads {config.n_heads}: change one of them")
    size = config.dim // config.n_heads
    pruned = frozenset(config.pruned_heads.get(number, ()))
    attention = SelfAttention(
        heads=config.n_heads - len(pruned),
        head_size=size,
        scale=1 / math.sqrt(size),
        mask=InfiniteMask(),
        dropout=config.attention_dropout,
        pruned=pruned,
    )
    feed_forward = FeedForward(config.hidden_dim, config.activation, chunk_size=config.chunk_size_feed_forward)
    return Layer(
        attention=Sublayer(attention, after=NORM),
        feed_forward=Sublayer(feed_forward, after=NORM, dropout=config.dropout),
    )
