"""GPT-2 (Radford et al., 2019)."""
import math

from formers.architecture import (
    AdditiveMask,
    CacheFormat,
    Embeddings,
    FeedForward,
    Layer,
    LayerNorm,
    Learned,
    Normal,
    SelfAttention,
    SingleStack,
    Stack,
    Sublayer,
    WordTypes,
)

from .configuration import GPT2Config

HIDDEN_POSITION = -10000.0


def architecture(config: GPT2Config) -> SingleStack:
    """GPT-2's architecture."""
    norm = LayerNorm(config.layer_norm_epsilon)
    feed_forward = FeedForward(4 * config.n_embd, config.activation_function, chunk_size=config.chunk_size_feed_forward)
    layers = tuple(
        Layer(
            attention=Sublayer(attention(config, number), before=norm, dropout=config.resid_pdrop),
            feed_forward=Sublayer(feed_forward, before=norm, dropout=config.resid_pdrop),
        )
        for number in range(config.n_layer)
    )
    stack = Stack(
        config.n_embd,
        embeddings(config),
        layers,
        final_norm=norm,
        cache=CacheFormat.STACKED,
        checkpointing=config.gradient_checkpointing,
    )
    return SingleStack(stack, Normal(config.initializer_range))


def embeddings(config: GPT2Config) -> Embeddings:
    """Words and positions; GPT shares them."""
    return Embeddings(
        config.vocab_size, config.n_embd, Learned(config.n_positions), WordTypes(), dropout=config.embd_pdrop
    )


def attention(config: GPT2Config, number: int) -> SelfAttention:
    """The attention of layer `number`; GPT shares it."""
    if config.n_embd % config.n_head:
        raise ValueError(f"n_embd {config.n_embd} is no multiple of n_head {config.n_head}: change one of them")
    size = config.n_embd // config.n_head
    pruned = frozenset(config.pruned_heads.get(number, ()))
    return SelfAttention(
        heads=config.n_head - len(pruned),
        head_size=size,
        scale=1 / math.sqrt(size),
        mask=AdditiveMask(HIDDEN_POSITION),
        causal=True,
        dropout=config.attn_pdrop,
        pruned=pruned,
        projections="joined",
    )
