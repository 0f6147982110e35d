"""GPT's Keras classes."""
from dataclasses import replace

from formers.backends.keras import TFMainLayer, TFPreTrainedModel

from . import FAMILY, tasks
from .configuration import TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST


class TFOpenAIGPTMainLayer(TFMainLayer):
    """GPT without heads as a Keras layer."""

    family = FAMILY
    task = tasks.BASE


class TFOpenAIGPTPreTrainedModel(TFPreTrainedModel):
    """Base of GPT's Keras classes, and of models of one's own around a `TFOpenAIGPTMainLayer`."""

    family = FAMILY
    main_layer = TFOpenAIGPTMainLayer


class TFOpenAIGPTModel(TFOpenAIGPTPreTrainedModel):
    """`OpenAIGPTModel` in Keras."""

    task = tasks.BASE


class TFOpenAIGPTLMHeadModel(TFOpenAIGPTPreTrainedModel):
    """`OpenAIGPTLMHeadModel` in Keras."""

    task = tasks.LM_HEAD.without("labels")


class TFOpenAIGPTDoubleHeadsModel(TFOpenAIGPTPreTrainedModel):
    """`OpenAIGPTDoubleHeadsModel` in Keras; all choices stand side by side in its hidden states and attentions."""

    task = replace(tasks.DOUBLE_HEADS.without("labels", "mc_labels"), choice_outputs=())
