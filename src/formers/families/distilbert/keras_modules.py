"""DistilBERT's Keras layers by themselves."""
from collections.abc import Mapping
from typing import Any

from formers.backends.keras import TFAttentionLayer, TFAttentionSteps, TFInnerLayer, TFLayers, TFSteps, TFTiedHead, ops
from formers.network.layer import Step
from formers.network.masks import for_heads

from . import FAMILY, tasks

MASKS = ("mask", "head_mask", "output_attentions")


class _Masked(TFInnerLayer):
    """Takes a mask with 1 for visible positions. *Shape:* `[batch, key]` or `[batch, query, key]`."""

    def bias(self, given: Mapping[str, Any]) -> Any:
        """See `TFAttending.bias`."""
        mask = given["mask"]
        return None if mask is None else ops.infinite_bias(for_heads(mask), next(iter(given.values())))


class TFMultiHeadSelfAttention(
    _Masked, TFAttentionSteps, family=FAMILY, arguments=("query", "key", "value", *MASKS)
):
    """DistilBERT's attention, with its last linear layer."""

    first_step, last_step = Step.MIX, Step.PROJECT


class TFFFN(TFSteps, family=FAMILY, arguments=("input",)):
    """DistilBERT's feed-forward block, without residual and norm."""

    first_step, last_step = Step.MIX, Step.DROPOUT


class TFTransformerBlock(_Masked, TFAttentionLayer, family=FAMILY, arguments=("x", *MASKS)):
    """One layer of DistilBERT."""

    def write(self, y: Any, call: Any, weights: tuple[Any, ...]) -> tuple[Any, ...]:
        """See `TFAttending.write`; the weights come first."""
        return (*weights, y)


class TFTransformer(_Masked, TFLayers, family=FAMILY, arguments=("x", *MASKS, "output_hidden_states")):
    """DistilBERT's layers."""


class TFDistilBertLMHead(TFTiedHead, family=FAMILY, arguments=("hidden_states",), trains=False):
    """Scores of the vocabulary, from the states after `vocab_layer_norm`."""

    place = ("vocab_projector", tasks.MASKED_LM)
