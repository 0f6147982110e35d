"""The PyTorch backend: how architectures run. It knows no family."""
from .hub_names import checkpoint_names
from .model import PreTrainedModel

__all__ = ["PreTrainedModel", "checkpoint_names"]
