"""DistilBERT's Keras layers by themselves."""
from collections.abc import Mapping
from functools import partial
from typing import Any

from formers.backends.keras import TFAttentionLayer, TFAttentionSteps, TFLayers, TFSteps, TFTiedHead, inner_layer, ops
from formers.network.layer import Step
from formers.network.masks import for_heads

from . import FAMILY, tasks

MASKS = ("mask", "head_mask", "output_attentions")
_layer = partial(inner_layer, __name__, FAMILY)


def _bias(self: Any, given: Mapping[str, Any]) -> Any:
    """See `TFAttending.bias`; the mask has 1 for visible positions. *Shape:* `[batch, key]`."""
    mask = given["mask"]
    return None if mask is None else ops.infinite_bias(for_heads(mask), next(iter(given.values())))


def _write(self: Any, y: Any, call: Any, weights: tuple[Any, ...]) -> tuple[Any, ...]:
    """See `TFAttending.write`; the weights come first."""
    return (*weights, y)


TFMultiHeadSelfAttention = _layer(
    "TFMultiHeadSelfAttention", TFAttentionSteps, "query", "key", "value", *MASKS,
    first_step=Step.MIX, last_step=Step.PROJECT, bias=_bias,
)  # fmt: skip
TFFFN = _layer("TFFFN", TFSteps, "input", first_step=Step.MIX, last_step=Step.DROPOUT)
TFTransformerBlock = _layer("TFTransformerBlock", TFAttentionLayer, "x", *MASKS, bias=_bias, write=_write)
TFTransformer = _layer("TFTransformer", TFLayers, "x", *MASKS, "output_hidden_states", bias=_bias)
_PROJECTOR = ("vocab_projector", tasks.MASKED_LM)
TFDistilBertLMHead = _layer("TFDistilBertLMHead", TFTiedHead, "hidden_states", alone=_PROJECTOR)
