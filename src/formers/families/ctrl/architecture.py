"""CTRL (Keskar et al., 2019)."""
import math

from formers.architecture import (
    AdditiveMask,
    CacheFormat,
    Embeddings,
    FeedForward,
    KeyValues,
    Layer,
    LayerNorm,
    Normal,
    SelfAttention,
    SingleStack,
    Sinusoid,
    Stack,
    Sublayer,
    TokenLookup,
    Tokens,
)
from formers.families.pruned import pruned_heads

from .configuration import CTRLConfig

NORM = LayerNorm(1e-6)  # of every layer, whatever the configuration says
MASKED_POSITION = -10000.0


def architecture(config: CTRLConfig) -> SingleStack:
    """Return CTRL's architecture."""
    embeddings = Embeddings(
        tokens=Tokens(config.vocab_size, config.n_embd, scale=math.sqrt(config.n_embd)),
        positions=Sinusoid(config.n_positions, "halves", stored=False),
        types=(TokenLookup("token_type_ids"),),
        dropout=config.embd_pdrop,
    )
    layers = tuple(_layer(config, index) for index in range(config.n_layer))
    stack = Stack(
        config.n_embd,
        embeddings,
        layers,
        memory=KeyValues(CacheFormat.STACKED),
        final_norm=LayerNorm(config.layer_norm_epsilon),
        checkpointing=config.gradient_checkpointing,
    )
    return SingleStack(stack, Normal(config.initializer_range))


def _layer(config: CTRLConfig, index: int) -> Layer:
    pruned = frozenset(pruned_heads(config.pruned_heads, index, config.n_layer))
    block = attention(config.n_embd, config.n_head, pruned)
    return layer(block, config.dff, config.resid_pdrop, config.chunk_size_feed_forward)


def layer(
    block: SelfAttention, inner: int, dropout: float, chunk_size: int = 0, norm: LayerNorm = NORM
) -> Layer:
    """Return a layer around an attention.

    Args:
        block: the attention.
        inner: width inside the feed-forward block.
        dropout: probability after each block.
        chunk_size: see `FeedForward`.
        norm: the norms before the blocks.
    """
    feed_forward = FeedForward(inner, "relu", chunk_size=chunk_size)
    return Layer(
        (
            Sublayer("attention", block, before=norm, dropout=dropout),
            Sublayer("feed_forward", feed_forward, before=norm, dropout=dropout),
        )
    )


def attention(hidden: int, heads: int, pruned: frozenset[int] = frozenset()) -> SelfAttention:
    """Return an attention of `heads` heads, some of which may be gone.

    Raises:
        ValueError: the heads do not divide the states.
    """
    if hidden % heads:
        raise ValueError(f"n_embd {hidden} is not a multiple of n_head {heads}: change one of them")
    size = hidden // heads
    mask = AdditiveMask(MASKED_POSITION)
    return SelfAttention(heads - len(pruned), size, 1 / math.sqrt(size), mask, causal=True, pruned=pruned)
