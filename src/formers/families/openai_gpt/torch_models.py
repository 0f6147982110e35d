"""GPT's PyTorch classes."""
from formers.backends.torch import PreTrainedModel
from formers.backends.torch.table_names import NewEmbeddings

from . import tasks
from .architecture import architecture
from .configuration import OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import OpenAIGPTConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


class OpenAIGPTPreTrainedModel(PreTrainedModel):
    """Base of GPT's classes, and of models of one's own around an `OpenAIGPTModel`."""

    config_class = OpenAIGPTConfig
    base_model_prefix = "transformer"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT


class OpenAIGPTModel(NewEmbeddings, OpenAIGPTPreTrainedModel):
    """GPT without heads: `last_hidden_state, (hidden_states), (attentions)`."""

    task = tasks.BASE


class OpenAIGPTLMHeadModel(OpenAIGPTPreTrainedModel):
    """GPT as a language model: `(loss), logits, ...`."""

    task = tasks.LM_HEAD


class OpenAIGPTDoubleHeadsModel(OpenAIGPTPreTrainedModel):
    """GPT as a language model that also picks one of several texts, `[batch, choices, seq]`.

    `(loss), (mc_loss), lm_logits, mc_logits, ...`
    """

    task = tasks.DOUBLE_HEADS
