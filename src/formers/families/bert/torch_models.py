"""BERT's PyTorch classes."""
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from formers.backends.torch import PreTrainedModel
from formers.backends.torch.loading import load_original
from formers.backends.torch.stack import Layer
from formers.checkpoint.tf_checkpoint import TFCheckpoint

from . import tasks
from .architecture import architecture
from .configuration import BERT_PRETRAINED_MODEL_ARCHIVE_LIST as BERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import BertConfig
from .keras_layout import KERAS_LAYOUT
from .names import NAMES


def load_tf_weights_in_bert(model: PreTrainedModel, config: BertConfig, tf_checkpoint_path: Any) -> PreTrainedModel:
    """Fill a model from a checkpoint of BERT's original TensorFlow code.

    Args:
        model: the model.
        config: its configuration.
        tf_checkpoint_path: prefix (`bert_model.ckpt`) or `.index` file of the checkpoint.

    Returns:
        The model.

    Raises:
        CheckpointError: it is not there, or it is damaged.
        ImportError: TensorFlow, which reads the format, is not installed.
        RuntimeError: shapes differ.
    """
    with TFCheckpoint(Path(tf_checkpoint_path)) as checkpoint:
        load_original(model, checkpoint)
    return model


class BertPreTrainedModel(PreTrainedModel):
    """Base of BERT's classes, and of models of one's own around a `BertModel`."""

    config_class = BertConfig
    base_model_prefix = "bert"
    architecture = staticmethod(architecture)
    names = NAMES
    keras_layout = KERAS_LAYOUT
    load_tf_weights = staticmethod(load_tf_weights_in_bert)


class BertModel(BertPreTrainedModel):
    """BERT without heads: `last_hidden_state, pooler_output, (hidden_states), (attentions)`.

    With `is_decoder` in the config it looks back only, and at `encoder_hidden_states` where they are given.
    """

    task = tasks.BASE


class BertForPreTraining(BertPreTrainedModel):
    """BERT with masked-word and next-sentence heads: `(loss), prediction_logits, seq_relationship_logits, ...`."""

    task = tasks.PRETRAINING


class BertLMHeadModel(BertPreTrainedModel):
    """BERT as a causal language model; its config needs `is_decoder`. `(loss), logits, ...`."""

    task = tasks.CAUSAL_LM

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **model_kwargs: Any
    ) -> dict[str, Any]:
        """Inputs of a generation step. *Shape:* `[batch, seq]`."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        return {"input_ids": input_ids, "attention_mask": attention_mask}


class BertForMaskedLM(BertPreTrainedModel):
    """BERT that fills masked words: `(loss), logits, ...`."""

    task = tasks.MASKED_LM

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **model_kwargs: Any
    ) -> dict[str, Any]:
        """Inputs of a generation step: a padding token, hidden from the others, stands where the next word goes.

        *Shape:* `[batch, seq]` to `[batch, seq + 1]`.

        Raises:
            ValueError: the config has no padding token.
        """
        if self.config.pad_token_id is None:
            raise ValueError("generation with a masked language model needs config.pad_token_id, found None")
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        mask = torch.cat([attention_mask, attention_mask.new_zeros(len(attention_mask), 1)], -1)
        dummy = input_ids.new_full((len(input_ids), 1), self.config.pad_token_id)
        return {"input_ids": torch.cat([input_ids, dummy], 1), "attention_mask": mask}


class BertForNextSentencePrediction(BertPreTrainedModel):
    """BERT that judges whether one sentence follows another: `(loss), logits, ...`."""

    task = tasks.NEXT_SENTENCE


class BertForSequenceClassification(BertPreTrainedModel):
    """BERT that classifies sequences, or with `num_labels=1` gives a number: `(loss), logits, ...`."""

    task = tasks.SEQUENCE_CLASSIFICATION


class BertForMultipleChoice(BertPreTrainedModel):
    """BERT that picks one of several sequences, `[batch, choices, seq]`: `(loss), logits, ...`."""

    task = tasks.MULTIPLE_CHOICE


class BertForTokenClassification(BertPreTrainedModel):
    """BERT that classifies every token: `(loss), logits, ...`."""

    task = tasks.TOKEN_CLASSIFICATION


class BertForQuestionAnswering(BertPreTrainedModel):
    """BERT that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""

    task = tasks.QUESTION_ANSWERING


class BertLayer(Layer):
    """One layer of BERT.

    Args:
        config: the model's configuration.
    """

    def __init__(self, config: BertConfig):
        stack = architecture(config).stack
        super().__init__(stack.layers[0], stack.hidden)
