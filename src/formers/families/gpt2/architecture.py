"""GPT-2 (Radford et al., 2019)."""
import math
from dataclasses import replace
from typing import Any

from formers.architecture import (
    AdditiveMask,
    CacheFormat,
    Embeddings,
    FeedForward,
    KeyValues,
    Layer,
    LayerNorm,
    Learned,
    Normal,
    SelfAttention,
    SingleStack,
    Stack,
    Sublayer,
    TokenLookup,
    Tokens,
)
from formers.families.pruned import pruned_heads

from .configuration import GPT2Config

MASKED_POSITION = -10000.0


def architecture(config: GPT2Config) -> SingleStack:
    """Return GPT-2's architecture."""
    norm = LayerNorm(config.layer_norm_epsilon)
    feed_forward = FeedForward(4 * config.n_embd, config.activation_function, chunk_size=config.chunk_size_feed_forward)
    layers = tuple(
        Layer(
            (
                Sublayer("attention", attention(config, index), before=norm, dropout=config.resid_pdrop),
                Sublayer("feed_forward", feed_forward, before=norm, dropout=config.resid_pdrop),
            )
        )
        for index in range(config.n_layer)
    )
    stack = Stack(
        config.n_embd,
        embeddings(config),
        layers,
        memory=KeyValues(CacheFormat.STACKED),
        final_norm=norm,
        checkpointing=config.gradient_checkpointing,
    )
    return SingleStack(stack, Normal(config.initializer_range))


def embeddings(config: GPT2Config) -> Embeddings:
    """Return the embeddings of tokens and positions, and of token types that are tokens too; GPT shares them."""
    return Embeddings(
        tokens=Tokens(config.vocab_size, config.n_embd),
        positions=Learned(config.n_positions),
        types=(TokenLookup("token_type_ids"),),
        dropout=config.embd_pdrop,
    )


def attention(config: GPT2Config, index: int) -> SelfAttention:
    """Return the attention of the layer `index`; GPT shares it."""
    if config.n_embd % config.n_head:
        raise ValueError(f"n_embd {config.n_embd} is not a multiple of n_head {config.n_head}: change one of them")
    size = config.n_embd // config.n_head
    pruned = frozenset(pruned_heads(config.pruned_heads, index, config.n_layer))
    return SelfAttention(
        heads=config.n_head - len(pruned),
        head_size=size,
        scale=1 / math.sqrt(size),
        mask=AdditiveMask(MASKED_POSITION),
        causal=True,
        dropout=config.attn_pdrop,
        pruned=pruned,
        projections="joined",
    )


def attention_alone(whole: SingleStack, width: int, heads: int, scale: bool) -> Sublayer:
    """Return an attention by itself, of GPT or GPT-2.

    Args:
        whole: the architecture of the model.
        width: width of the states.
        heads: number of heads.
        scale: divide the products of queries and keys by the root of the size of a head.
    """
    if width % heads:
        raise AssertionError(f"nx {width} is not a multiple of n_head {heads}: change one of them")
    size = width // heads
    sublayer = whole.stack.layers[0].named("attention")
    block: Any = sublayer.block
    factor = 1 / math.sqrt(size) if scale else 1.0
    block = replace(block, heads=heads, head_size=size, scale=factor, pruned=frozenset())
    return replace(sublayer, block=block)


def layer_alone(whole: SingleStack, scale: bool) -> Layer:
    """Return a layer by itself, of GPT or GPT-2; see `attention_alone`."""
    attention, *rest = whole.stack.layers[0].sublayers
    block: Any = attention.block
    return Layer((attention if scale else replace(attention, block=replace(block, scale=1.0)), *rest))


def feed_forward_alone(whole: SingleStack, size: int) -> Sublayer:
    """Return a feed-forward block by itself, of GPT or GPT-2, with another inner width."""
    sublayer = whole.stack.layers[0].named("feed_forward")
    block: Any = sublayer.block
    return replace(sublayer, block=replace(block, size=size))
