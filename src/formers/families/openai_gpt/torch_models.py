"""GPT's PyTorch classes."""
from typing import Any

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.loading import load_original
from formers.backends.torch.modules import TakesNewEmbeddings

from . import FAMILY, classes
from .configuration import OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST as OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import OpenAIGPTConfig
from .original import open_original
from .torch_modules import TREE


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


class OpenAIGPTPreTrainedModel(PreTrainedModel, family=FAMILY):
    """Base of GPT's classes, and of custom models around an `OpenAIGPTModel`."""

    tree = TREE
    base_class_name = "OpenAIGPTModel"
    load_tf_weights = staticmethod(load_tf_weights_in_openai_gpt)


class OpenAIGPTModel(TakesNewEmbeddings, OpenAIGPTPreTrainedModel, public=classes.BASE):
    """GPT without heads: `last_hidden_state, (hidden_states), (attentions)`."""


class OpenAIGPTLMHeadModel(OpenAIGPTPreTrainedModel, public=classes.LM_HEAD):
    """GPT as a language model: `(loss), logits, ...`."""


class OpenAIGPTDoubleHeadsModel(OpenAIGPTPreTrainedModel, public=classes.DOUBLE_HEADS):
    """GPT as a language model that also picks one of several texts, `[batch, choices, seq]`.

    `(loss), (mc_loss), lm_logits, mc_logits, ...`
    """
