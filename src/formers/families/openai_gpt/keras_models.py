"""GPT's Keras classes."""
from formers.backends.keras import TFMainLayer, TFPreTrainedModel, twin
from formers.backends.keras.activations import gelu_new as gelu
from formers.backends.keras.activations import relu, swish

from . import FAMILY, classes
from .configuration import TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST

ACT_FNS = {"gelu": gelu, "relu": relu, "swish": swish}


class TFOpenAIGPTMainLayer(TFMainLayer, family=FAMILY):
    """GPT without heads as a Keras layer."""


class TFOpenAIGPTPreTrainedModel(TFPreTrainedModel, family=FAMILY, main_layer=TFOpenAIGPTMainLayer):
    """Base of GPT's Keras classes, and of custom models around a `TFOpenAIGPTMainLayer`."""


TFOpenAIGPTModel = twin(classes.BASE, TFOpenAIGPTPreTrainedModel)
TFOpenAIGPTLMHeadModel = twin(classes.LM_HEAD, TFOpenAIGPTPreTrainedModel)
TFOpenAIGPTDoubleHeadsModel = twin(classes.DOUBLE_HEADS, TFOpenAIGPTPreTrainedModel)
