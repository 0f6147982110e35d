"""The Keras backend: how architectures run on Keras 3 (TensorFlow, and JAX forward). It knows no family."""
from .embeddings import TFSharedEmbeddings
from .main_layer import TFMainLayer
from .model import TFPreTrainedModel
from .weights import named_weights

__all__ = ["TFMainLayer", "TFPreTrainedModel", "TFSharedEmbeddings", "named_weights"]
