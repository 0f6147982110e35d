"""GPT's PyTorch classes."""
from typing import Any

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.loading import load_original
from formers.backends.torch.table_names import NewEmbeddings

from . import tasks
from .architecture import architecture
from .configuration import OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import OpenAIGPTConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES
from .original import open_original


def load_tf_weights_in_openai_gpt(
    model: PreTrainedModel, config: OpenAIGPTConfig, openai_checkpoint_folder_path: Any
) -> PreTrainedModel:
    """Fill a model from the files that OpenAI published GPT in; TensorFlow is not needed.

    Args:
        model: the model.
        config: its configuration.
        openai_checkpoint_folder_path: the folder with `params_0.npy`, ..., `params_shapes.json` and, if it is there,
            `parameters_names.json`.

    Returns:
        The model.

    Raises:
        CheckpointError: files are missing, damaged, or do not fit together.
        RuntimeError: shapes differ.
    """
    with open_original(openai_checkpoint_folder_path) as checkpoint:
        load_original(model, checkpoint)
    return model


class OpenAIGPTPreTrainedModel(PreTrainedModel):
    """Base of GPT's classes, and of models of one's own around an `OpenAIGPTModel`."""

    config_class = OpenAIGPTConfig
    base_model_prefix = "transformer"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT
    load_tf_weights = staticmethod(load_tf_weights_in_openai_gpt)


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
