"""BERT's Keras layers by themselves."""
from functools import partial

from formers.backends.keras import (
    TFAttentionLayer,
    TFAttentionSteps,
    TFFinish,
    TFHeadLayer,
    TFLayers,
    TFPooler,
    TFSteps,
    TFTiedHead,
    inner_layer,
)
from formers.network.layer import Step

from . import FAMILY, tasks

ARGUMENTS = ("hidden_states", "attention_mask", "head_mask", "output_attentions")
_layer = partial(inner_layer, __name__, FAMILY)
_MIX = {"first_step": Step.MIX, "last_step": Step.MIX}
_TRANSFORM, _NEXT = ("cls.predictions.transform", tasks.MASKED_LM), ("cls", tasks.NEXT_SENTENCE)

TFBertSelfAttention = _layer("TFBertSelfAttention", TFAttentionSteps, *ARGUMENTS, **_MIX)
TFBertSelfOutput = _layer("TFBertSelfOutput", TFFinish)
TFBertAttention = _layer("TFBertAttention", TFAttentionSteps, *ARGUMENTS)
TFBertIntermediate = _layer("TFBertIntermediate", TFSteps, "hidden_states", trains=False, **_MIX)
TFBertOutput = _layer("TFBertOutput", TFFinish)
TFBertLayer = _layer("TFBertLayer", TFAttentionLayer, *ARGUMENTS)
TFBertEncoder = _layer("TFBertEncoder", TFLayers, *ARGUMENTS, "output_hidden_states")
TFBertPooler = _layer("TFBertPooler", TFPooler, "hidden_states")
TFBertPredictionHeadTransform = _layer("TFBertPredictionHeadTransform", TFHeadLayer, "hidden_states", alone=_TRANSFORM)
TFBertLMPredictionHead = _layer(
    "TFBertLMPredictionHead", TFTiedHead, "hidden_states", alone=("cls.predictions", tasks.MASKED_LM)
)
TFBertMLMHead = _layer("TFBertMLMHead", TFTiedHead, "sequence_output", alone=("cls", tasks.MASKED_LM))
TFBertNSPHead = _layer("TFBertNSPHead", TFHeadLayer, "pooled_output", alone=_NEXT)
