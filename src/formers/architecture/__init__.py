"""The vocabulary in which families describe their models: frozen values, read by every backend."""
from .caches import CacheFormat
from .embeddings import Embeddings, Learned, PaddingAware, Positions, Sinusoid, TypeTable, WordTypes
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
    Vocabulary,
    WordTable,
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
from .stack import (
    Architecture,
    ByWidth,
    EncoderDecoder,
    Init,
    Normal,
    Pooler,
    RotatedInputs,
    ShiftedLabels,
    SingleStack,
    Stack,
)
from .tasks import Task

__all__ = [
    "AdditiveMask", "Architecture", "At", "Bucketed", "ByWidth", "CacheFormat", "CrossAttention", "Dense", "Dropout",
    "Embeddings", "EncoderDecoder", "FeedForward", "Head", "InfiniteMask", "Init", "LabelLoss", "LastOf", "Layer",
    "LayerNorm", "Learned", "Loss", "Mask", "NoNorm", "Norm", "Normal", "Normalize", "PaddingAware", "Pooler",
    "Positions", "RMSNorm", "Reads", "RotatedInputs", "Scale", "SelfAttention", "ShiftedLabels", "SingleStack",
    "Sinusoid", "SpanLoss", "SquaredLoss", "Stack", "Step", "Sublayer", "Task", "TokenLoss", "TypeTable", "Vocabulary",
    "WordTable", "WordTypes",
]
