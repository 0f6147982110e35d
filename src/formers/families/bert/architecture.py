"""BERT (Devlin et al., 2018), encoder or decoder."""
import math

from formers.architecture import (
    AdditiveMask,
    CrossAttention,
    Embeddings,
    FeedForward,
    Layer,
    LayerNorm,
    Learned,
    Lookup,
    Normal,
    Pooler,
    Positions,
    SelfAttention,
    SingleStack,
    Stack,
    Sublayer,
    Tokens,
)
from formers.families.pruned import pruned_heads

from .configuration import BertConfig

MASKED_POSITION = -10000.0
MASKED_ENCODER_POSITION = -1e9


def architecture(config: BertConfig) -> SingleStack:
    """Return BERT's architecture."""
    return encoder(config, Learned(config.max_position_embeddings))


def encoder(config: BertConfig, positions: Positions) -> SingleStack:
    """Return BERT's architecture with positions of another kind."""
    norm = LayerNorm(config.layer_norm_eps)
    embeddings = Embeddings(
        tokens=Tokens(config.vocab_size, config.hidden_size, config.pad_token_id),
        positions=positions,
        types=(Lookup("token_type_ids", config.type_vocab_size),),
        norm=norm,
        dropout=config.hidden_dropout_prob,
    )
    stack = Stack(
        hidden=config.hidden_size,
        embeddings=embeddings,
        layers=tuple(_layer(config, norm, number) for number in range(config.num_hidden_layers)),
        checkpointing=config.gradient_checkpointing,
    )
    return SingleStack(stack, Normal(config.initializer_range), Pooler())


def _layer(config: BertConfig, norm: LayerNorm, number: int) -> Layer:
    heads = config.num_attention_heads
    if config.hidden_size % heads:
        raise ValueError(
            f"hidden_size {config.hidden_size} is not a multiple of num_attention_heads {heads}: change one of them"
        )
    size = config.hidden_size // heads
    scale = 1 / math.sqrt(size)
    pruned = frozenset(pruned_heads(config.pruned_heads, number, config.num_hidden_layers))
    dropout = config.attention_probs_dropout_prob
    attention = SelfAttention(
        heads=heads - len(pruned),
        head_size=size,
        scale=scale,
        mask=AdditiveMask(MASKED_POSITION),
        causal=config.is_decoder,
        dropout=dropout,
        pruned=pruned,
    )
    cross = CrossAttention(heads, size, scale, AdditiveMask(MASKED_ENCODER_POSITION), dropout=dropout)
    feed_forward = FeedForward(
        config.intermediate_size, config.hidden_act, chunk_size=config.chunk_size_feed_forward
    )
    residual = config.hidden_dropout_prob
    sublayers = [Sublayer("attention", attention, after=norm, dropout=residual)]
    if config.is_decoder:
        sublayers.append(Sublayer("cross_attention", cross, after=norm, dropout=residual))
    sublayers.append(Sublayer("feed_forward", feed_forward, after=norm, dropout=residual))
    return Layer(tuple(sublayers))
