"""T5's PyTorch classes."""
import copy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from formers.architecture import Task
from formers.backends.torch import PreTrainedModel
from formers.backends.torch.leaves import T5LayerNorm as T5LayerNorm
from formers.backends.torch.loading import load_original
from formers.backends.torch.modules import TakesNewEmbeddings
from formers.backends.torch.seq2seq import Seq2SeqModel
from formers.checkpoint.tf_checkpoint import TFCheckpoint

from . import FAMILY, classes
from .configuration import T5_PRETRAINED_MODEL_ARCHIVE_LIST as T5_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import T5Config
from .names import NAMES
from .torch_modules import TREE, find_tables
from .torch_modules import T5Attention as T5Attention
from .torch_modules import T5Block as T5Block
from .torch_modules import T5DenseReluDense as T5DenseReluDense
from .torch_modules import T5LayerCrossAttention as T5LayerCrossAttention
from .torch_modules import T5LayerFF as T5LayerFF
from .torch_modules import T5LayerSelfAttention as T5LayerSelfAttention
from .torch_modules import T5Stack as T5Stack

DUMMY_INPUTS = [[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]]
DUMMY_MASK = [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 0, 0, 1, 1]]


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


class T5PreTrainedModel(Seq2SeqModel, family=FAMILY):
    """Base of T5's classes, and of custom models around a `T5Model`."""

    tree = TREE
    base_class_name = "T5Model"
    base_model_prefix = "transformer"
    nested_base = False
    load_tf_weights = staticmethod(load_tf_weights_in_t5)

    def _build_base(self) -> None:
        super()._build_base()
        stacks: tuple[Any, Any] = (self.encoder, self.decoder)
        for stack, says in zip(stacks, ("use_cache", "is_decoder"), strict=True):
            stack.config = copy.deepcopy(self.config)
            setattr(stack.config, says, says == "is_decoder")
            find_tables(stack)

    @property
    def dummy_inputs(self) -> dict[str, Tensor]:
        """A small input that the model can be called with."""
        ids = torch.tensor(DUMMY_INPUTS)
        return {"decoder_input_ids": ids, "input_ids": ids, "decoder_attention_mask": torch.tensor(DUMMY_MASK)}


class T5Model(TakesNewEmbeddings, T5PreTrainedModel, public=classes.BASE):
    """T5 without heads: `last_hidden_state, (past_key_values), (states), (attentions), encoder's outputs`."""


class T5ForConditionalGeneration(TakesNewEmbeddings, T5PreTrainedModel, public=classes.CONDITIONAL_GENERATION):
    """T5 as a model that writes a text for a text: `(loss), logits, (past_key_values), ...`.

    Without `decoder_input_ids` the decoder reads the `labels`, one step late.
    """

    def _build(self, task: Task) -> None:
        super()._build(task)
        self.model_dim = self.config.d_model
