"""T5's PyTorch classes."""
from pathlib import Path
from typing import Any

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.loading import load_original
from formers.backends.torch.seq2seq import Seq2SeqModel
from formers.backends.torch.table_names import NewEmbeddings
from formers.checkpoint.tf_checkpoint import TFCheckpoint

from . import tasks
from .architecture import architecture
from .configuration import T5_PRETRAINED_MODEL_ARCHIVE_LIST as T5_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import T5Config
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


def load_tf_weights_in_t5(model: PreTrainedModel, config: T5Config, tf_checkpoint_path: Any) -> PreTrainedModel:
    """Fill a model from a checkpoint of T5's original code, on Mesh TensorFlow.

    Args:
        model: the model.
        config: its configuration.
        tf_checkpoint_path: prefix (`model.ckpt-1000000`) or `.index` file of the checkpoint.

    Returns:
        The model.

    Raises:
        CheckpointError: it is not there, or it is damaged.
        ImportError: TensorFlow, which reads the format, is not installed.
        RuntimeError: shapes differ.
    """
    with TFCheckpoint(Path(tf_checkpoint_path), NAMES.original) as checkpoint:
        load_original(model, checkpoint)
    return model


class T5PreTrainedModel(NewEmbeddings, Seq2SeqModel):
    """Base of T5's classes, and of models of one's own around a `T5Model`."""

    config_class = T5Config
    base_model_prefix = "transformer"
    nested_base = False
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT
    load_tf_weights = staticmethod(load_tf_weights_in_t5)


class T5Model(T5PreTrainedModel):
    """T5 without heads: `last_hidden_state, (past_key_values), (states), (attentions), encoder's outputs`."""

    task = tasks.BASE


class T5ForConditionalGeneration(T5PreTrainedModel):
    """T5 as a model that writes a text for a text: `(loss), logits, (past_key_values), ...`.

    Without `decoder_input_ids` the decoder reads the `labels`, one step late.
    """

    task = tasks.CONDITIONAL_GENERATION
