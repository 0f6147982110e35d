"""The PyTorch backend: how architectures run. It knows no family."""
from .model import PreTrainedModel

__all__ = ["PreTrainedModel"]
