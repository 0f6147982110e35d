"""The vocabulary in which families describe their models: frozen values, read by every backend."""
from .caches import CacheFormat
from .embeddings import Embeddings, Learned, PaddingAware, Positions, Sinusoid, TypeTable, WordTypes
from .heads import (
    Dense,
    Dropout,
    Head,
    LabelLoss,
    Loss,
    Normalize,
    Reads,
    SpanLoss,
    SquaredLoss,
    Step,
    TokenLoss,
    Vocabulary,
)
from .layers import (
    AdditiveMask,
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
from .stack import Architecture, EncoderDecoder, Normal, Pooler, SingleStack, Stack
from .tasks import Task

__all__ = [
    "AdditiveMask", "Architecture", "Bucketed", "CacheFormat", "CrossAttention", "Dense", "Dropout", "Embeddings",
    "EncoderDecoder", "FeedForward", "Head", "InfiniteMask", "LabelLoss", "Layer", "LayerNorm", "Learned", "Loss",
    "Mask", "NoNorm", "Norm", "Normal", "Normalize", "PaddingAware", "Pooler", "Positions", "RMSNorm", "Reads",
    "SelfAttention", "SingleStack", "Sinusoid", "SpanLoss", "SquaredLoss", "Stack", "Step", "Sublayer", "Task",
    "TokenLoss", "TypeTable", "Vocabulary", "WordTypes",
]
