"""GPT-2's PyTorch classes."""
from pathlib import Path
from typing import Any

from torch import Tensor

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.loading import load_original
from formers.backends.torch.modules import TakesNewEmbeddings
from formers.checkpoint.tf_checkpoint import TFCheckpoint

from . import FAMILY, classes
from .configuration import GPT2_PRETRAINED_MODEL_ARCHIVE_LIST as GPT2_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import GPT2Config
from .names import NAMES
from .torch_modules import TREE


def load_tf_weights_in_gpt2(model: PreTrainedModel, config: GPT2Config, gpt2_checkpoint_path: Any) -> PreTrainedModel:
    """Fill a model from a checkpoint of OpenAI's TensorFlow code.

    Args:
        model: the model.
        config: its configuration.
        gpt2_checkpoint_path: prefix (`model.ckpt`) or `.index` file of the checkpoint.

    Returns:
        The model.

    Raises:
        CheckpointError: it is not there, or it is damaged.
        ImportError: TensorFlow, which reads the format, is not installed.
        RuntimeError: shapes differ.
    """
    with TFCheckpoint(Path(gpt2_checkpoint_path), NAMES.original) as checkpoint:
        load_original(model, checkpoint)
    return model


class GPT2PreTrainedModel(PreTrainedModel, family=FAMILY):
    """Base of GPT-2's classes, and of custom models around a `GPT2Model`."""

    tree = TREE
    base_class_name = "GPT2Model"
    load_tf_weights = staticmethod(load_tf_weights_in_gpt2)


class GPT2Model(TakesNewEmbeddings, GPT2PreTrainedModel, public=classes.BASE):
    """GPT-2 without heads: `last_hidden_state, (past_key_values), (hidden_states), (attentions)`."""


class GPT2LMHeadModel(GPT2PreTrainedModel, public=classes.LM_HEAD):
    """GPT-2 as a language model: `(loss), logits, (past_key_values), ...`."""

    def prepare_inputs_for_generation(self, input_ids: Tensor, past: Any = None, **kwargs: Any) -> dict[str, Any]:
        """Return the inputs of a generation step: with `past`, the last token alone. *Shape:* `[batch, seq]`."""
        if past is not None:
            input_ids = input_ids[:, -1:]
        return {"input_ids": input_ids, "past": past, "use_cache": kwargs.get("use_cache")}


class GPT2DoubleHeadsModel(GPT2PreTrainedModel, public=classes.DOUBLE_HEADS):
    """GPT-2 as a language model that also picks one of several texts, `[batch, choices, seq]`.

    `(loss), (mc_loss), lm_logits, mc_logits, (past_key_values), ...`
    """
