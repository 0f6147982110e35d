"""CTRL (Keskar et al., 2019)."""
import math

from formers.architecture import (
    AdditiveMask,
    CacheFormat,
    Embeddings,
    FeedForward,
    Layer,
    LayerNorm,
    Normal,
    SelfAttention,
    SingleStack,
    Sinusoid,
    Stack,
    Sublayer,
    WordTypes,
)

from .configuration import CTRLConfig

NORM = LayerNorm(1e-6)  # of every layer, whatever the configuration says


def architecture(config: CTRLConfig) -> SingleStack:
    """CTRL's architecture."""
    embeddings = Embeddings(
        vocabulary=config.vocab_size,
        size=config.n_embd,
        positions=Sinusoid(config.n_positions, "halves", stored=False),
        types=WordTypes(),
        scale=math.sqrt(config.n_embd),
        dropout=config.embd_pdrop,
    )
    feed_forward = FeedForward(config.dff, "relu", chunk_size=config.chunk_size_feed_forward)
    layers = tuple(
        Layer(
            attention=Sublayer(_attention(config, number), before=NORM, dropout=config.resid_pdrop),
            feed_forward=Sublayer(feed_forward, before=NORM, dropout=config.resid_pdrop),
        )
        for number in range(config.n_layer)
    )
    stack = Stack(
        config.n_embd,
        embeddings,
        layers,
        final_norm=LayerNorm(config.layer_norm_epsilon),
        cache=CacheFormat.STACKED,
        checkpointing=config.gradient_checkpointing,
    )
    return SingleStack(stack, Normal(config.initializer_range))


def _attention(config: CTRLConfig, number: int) -> SelfAttention:
    if config.n_embd % config.n_head:
        raise ValueError(f"n_embd {config.n_embd} is no multiple of n_head {config.n_head}: change one of them")
    size = config.n_embd // config.n_head
    pruned = frozenset(config.pruned_heads.get(number, ()))
    heads = config.n_head - len(pruned)
    return SelfAttention(heads, size, 1 / math.sqrt(size), AdditiveMask(-10000.0), causal=True, pruned=pruned)
