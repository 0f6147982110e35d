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
    Normal,
    Pooler,
    Positions,
    SelfAttention,
    SingleStack,
    Stack,
    Sublayer,
    TypeTable,
)

from .configuration import BertConfig

HIDDEN_POSITION = -10000.0
HIDDEN_ENCODER_POSITION = -1e9


def architecture(config: BertConfig) -> SingleStack:
    """BERT's architecture."""
    return encoder(config, Learned(config.max_position_embeddings))


def encoder(config: BertConfig, positions: Positions) -> SingleStack:
    """BERT's architecture with positions of another kind."""
    norm = LayerNorm(config.layer_norm_eps)
    embeddings = Embeddings(
        vocabulary=config.vocab_size,
        size=config.hidden_size,
        positions=positions,
        types=TypeTable(config.type_vocab_size),
        pad=config.pad_token_id,
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
            f"hidden_size {config.hidden_size} is no multiple of num_attention_heads {heads}: change one of them"
        )
    size = config.hidden_size // heads
    scale = 1 / math.sqrt(size)
    pruned = frozenset(config.pruned_heads.get(number, ()))
    dropout = config.attention_probs_dropout_prob
    attention = SelfAttention(
        heads=heads - len(pruned),
        head_size=size,
        scale=scale,
        mask=AdditiveMask(HIDDEN_POSITION),
        causal=config.is_decoder,
        dropout=dropout,
        pruned=pruned,
    )
    across = CrossAttention(heads, size, scale, AdditiveMask(HIDDEN_ENCODER_POSITION), dropout=dropout)
    feed_forward = FeedForward(
        config.intermediate_size, config.hidden_act, chunk_size=config.chunk_size_feed_forward
    )
    residual = config.hidden_dropout_prob
    return Layer(
        attention=Sublayer(attention, after=norm, dropout=residual),
        cross_attention=Sublayer(across, after=norm, dropout=residual) if config.is_decoder else None,
        feed_forward=Sublayer(feed_forward, after=norm, dropout=residual),
    )
