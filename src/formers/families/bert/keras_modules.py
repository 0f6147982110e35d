"""BERT's Keras layers by themselves."""
from formers.backends.keras import (
    TFAttentionLayer,
    TFAttentionSteps,
    TFFinish,
    TFHeadLayer,
    TFLayers,
    TFPooler,
    TFSteps,
    TFTiedHead,
)
from formers.network.layer import Step

from . import FAMILY, tasks

ARGUMENTS = ("hidden_states", "attention_mask", "head_mask", "output_attentions")


class TFBertSelfAttention(TFAttentionSteps, family=FAMILY, arguments=ARGUMENTS):
    """BERT's attention up to its last linear layer."""

    first_step = last_step = Step.MIX


class TFBertSelfOutput(TFFinish, family=FAMILY):
    """The last linear layer of BERT's attention, residual and norm."""


class TFBertAttention(TFAttentionSteps, family=FAMILY, arguments=ARGUMENTS):
    """BERT's attention with residual and norm."""


class TFBertIntermediate(TFSteps, family=FAMILY, arguments=("hidden_states",), trains=False):
    """The first linear layer of BERT's feed-forward block, and its activation."""

    first_step = last_step = Step.MIX


class TFBertOutput(TFFinish, family=FAMILY):
    """The second linear layer of BERT's feed-forward block, residual and norm."""


class TFBertLayer(TFAttentionLayer, family=FAMILY, arguments=ARGUMENTS):
    """One layer of BERT."""


class TFBertEncoder(TFLayers, family=FAMILY, arguments=(*ARGUMENTS, "output_hidden_states")):
    """BERT's layers."""


class TFBertPooler(TFPooler, family=FAMILY):
    """BERT's pooler."""


class TFBertPredictionHeadTransform(TFHeadLayer, family=FAMILY, arguments=("hidden_states",), trains=False):
    """What comes before the scores of the vocabulary: a linear layer, an activation, a norm."""

    place = ("cls.predictions.transform", tasks.MASKED_LM)


class TFBertLMPredictionHead(TFTiedHead, family=FAMILY, arguments=("hidden_states",), trains=False):
    """Scores of the vocabulary."""

    place = ("cls.predictions", tasks.MASKED_LM)


class TFBertMLMHead(TFTiedHead, family=FAMILY, arguments=("sequence_output",), trains=False):
    """The head of masked language models."""

    place = ("cls", tasks.MASKED_LM)


class TFBertNSPHead(TFHeadLayer, family=FAMILY, arguments=("pooled_output",), trains=False):
    """The head that judges whether one sentence follows another."""

    place = ("cls", tasks.NEXT_SENTENCE)
