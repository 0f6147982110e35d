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
    Tokens,
)
from formers.families.pruned import pruned_heads

from .configuration import DistilBertConfig

NORM = LayerNorm(1e-12)  # in every DistilBERT, whatever its config says


def architecture(config: DistilBertConfig) -> SingleStack:
    """Return DistilBERT's architecture."""
    size = config.max_position_embeddings
    embeddings = Embeddings(
        tokens=Tokens(config.vocab_size, config.dim, config.pad_token_id),
        positions=Sinusoid(size, "interleaved") if config.sinusoidal_pos_embds else Learned(size),
        norm=NORM,
        dropout=config.dropout,
        inputs_embeds_replace="block",
    )
    layers = tuple(_layer(config, index) for index in range(config.n_layers))
    return SingleStack(Stack(config.dim, embeddings, layers), Normal(config.initializer_range))


def _layer(config: DistilBertConfig, index: int) -> Layer:
    if config.dim % config.n_heads:
        raise ValueError(f"dim {config.dim} is not a multiple of n_heads {config.n_heads}: change one of them")
    if config.activation not in ("relu", "gelu"):
        raise ValueError(f"activation is {config.activation!r}; DistilBERT has 'relu' or 'gelu'")
    size = config.dim // config.n_heads
    pruned = frozenset(pruned_heads(config.pruned_heads, index, config.n_layers))
    attention = SelfAttention(
        heads=config.n_heads - len(pruned),
        head_size=size,
        scale=1 / math.sqrt(size),
        mask=InfiniteMask(),
        dropout=config.attention_dropout,
        pruned=pruned,
    )
    feed_forward = FeedForward(config.hidden_dim, config.activation, chunk_size=config.chunk_size_feed_forward)
    return Layer((
        Sublayer("attention", attention, after=NORM),
        Sublayer("feed_forward", feed_forward, after=NORM, dropout=config.dropout),
    ))
