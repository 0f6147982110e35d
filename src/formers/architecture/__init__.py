"""The vocabulary in which families describe their models: frozen values, read by every backend."""
from .caches import CacheFormat, KeyValues
from .embeddings import Embeddings, Learned, Lookup, PaddingAware, Positions, Sinusoid, TokenLookup, Tokens
from .heads import (
    At,
    Dense,
    Dropout,
    Head,
    LabelLoss,
    LastOf,
    Loss,
    Normalize,
    Reads,
    Scale,
    SpanLoss,
    SquaredLoss,
    Step,
    TokenLoss,
    TokenScores,
    Vocabulary,
)
from .layers import (
    AdditiveMask,
    Attention,
    Block,
    Bucketed,
    CrossAttention,
    FeedForward,
    InfiniteMask,
    Layer,
    Mask,
    SelfAttention,
    Sublayer,
)
from .norms import LayerNorm, NoNorm, Norm, RMSNorm
from .stack import (
    Architecture,
    ByWidth,
    EncoderDecoder,
    Flow,
    Init,
    Normal,
    Plain,
    Pooler,
    RotatedInputs,
    ShiftedLabels,
    SingleStack,
    Stack,
)
from .tasks import Task

__all__ = [
    "AdditiveMask", "Architecture", "At", "Attention", "Block", "Bucketed", "ByWidth", "CacheFormat",
    "CrossAttention", "Dense", "Dropout", "Embeddings", "EncoderDecoder", "FeedForward", "Flow", "Head",
    "InfiniteMask", "Init", "KeyValues", "LabelLoss", "LastOf", "Layer", "LayerNorm", "Learned", "Lookup", "Loss",
    "Mask", "NoNorm", "Norm", "Normal", "Normalize", "PaddingAware", "Plain", "Pooler", "Positions", "RMSNorm",
    "Reads", "RotatedInputs", "Scale", "SelfAttention", "ShiftedLabels", "SingleStack", "Sinusoid", "SpanLoss",
    "SquaredLoss", "Stack", "Step", "Sublayer", "Task", "TokenLookup", "TokenLoss", "TokenScores", "Tokens",
    "Vocabulary",
]
