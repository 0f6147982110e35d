"""Pieces of models as Keras layers by themselves, made from the same specs and computed by the same network."""
from .attentions import TFAttentionLayer as TFAttentionLayer
from .attentions import TFAttentionSteps as TFAttentionSteps
from .attentions import TFLayers as TFLayers
from .base import TFInnerLayer as TFInnerLayer
from .base import flag as flag
from .base import inner_layer as inner_layer
from .embeddings import TFEmbeddingsLayer as TFEmbeddingsLayer
from .heads import TFHeadLayer as TFHeadLayer
from .heads import TFPooler as TFPooler
from .heads import TFTiedHead as TFTiedHead
from .steps import TFFinish as TFFinish
from .steps import TFSteps as TFSteps
