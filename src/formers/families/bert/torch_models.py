"""BERT's PyTorch classes."""
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from formers.architecture import Task
from formers.backends.torch import PreTrainedModel
from formers.backends.torch.loading import load_original
from formers.checkpoint.tf_checkpoint import TFCheckpoint

from . import FAMILY, classes
from .configuration import BERT_PRETRAINED_MODEL_ARCHIVE_LIST as BERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import BertConfig
from .torch_modules import TREE


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


class BertPreTrainedModel(PreTrainedModel, family=FAMILY):
    """Base of BERT's classes, and of custom models around a `BertModel`."""

    tree = TREE
    base_class_name = "BertModel"
    load_tf_weights = staticmethod(load_tf_weights_in_bert)

    def may_step_inside(self) -> bool:
        """Tell whether steps of generation may compute what the model does without calling it."""
        return super().may_step_inside() and not getattr(self.base_model, "is_redefined", False)


class BertModel(BertPreTrainedModel, public=classes.BASE):
    """BERT without heads: `last_hidden_state, pooler_output, (hidden_states), (attentions)`.

    With `is_decoder` in the config it looks back only, and at `encoder_hidden_states` where they are given.
    """

    def _build(self, task: Task) -> None:
        super()._build(task)
        self._made_as_decoder = bool(self.config.is_decoder)

    @property
    def is_redefined(self) -> bool:
        """Whether `config.is_decoder` was changed since the model was made."""
        return bool(self.config.is_decoder) != self._made_as_decoder

    def complete(self, inputs: dict[str, Any]) -> None:
        """Mask later positions, or do not, as `config.is_decoder` says now, if that was changed."""
        given, mask = inputs["input_ids"], inputs["attention_mask"]
        given = inputs["inputs_embeds"] if given is None else given
        if not self.is_redefined or given is None or (mask is not None and mask.dim() > 2):
            return
        batch, length = given.shape[:2]
        every = torch.ones(1, length, length, dtype=torch.long, device=given.device)
        every = every.tril() if self.config.is_decoder else every
        inputs["attention_mask"] = (every if mask is None else every * mask[:, None, :]).expand(batch, -1, -1)


class BertForPreTraining(BertPreTrainedModel, public=classes.PRETRAINING):
    """BERT with masked-token and next-sentence heads: `(loss), prediction_logits, seq_relationship_logits, ...`."""


class BertLMHeadModel(BertPreTrainedModel, public=classes.CAUSAL_LM):
    """BERT as a causal language model; its config needs `is_decoder`. `(loss), logits, ...`."""

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **model_kwargs: Any
    ) -> dict[str, Any]:
        """Return the inputs of a generation step. *Shape:* `[batch, seq]`."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        return {"input_ids": input_ids, "attention_mask": attention_mask}


class BertForMaskedLM(BertPreTrainedModel, public=classes.MASKED_LM):
    """BERT that fills masked tokens: `(loss), logits, ...`."""

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, attention_mask: Tensor | None = None, **model_kwargs: Any
    ) -> dict[str, Any]:
        """Return inputs of a generation step: a padding token, masked for the others, stands where the next token goes.

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


class BertForNextSentencePrediction(BertPreTrainedModel, public=classes.NEXT_SENTENCE):
    """BERT that judges whether one sentence follows another: `(loss), logits, ...`."""


class BertForSequenceClassification(BertPreTrainedModel, public=classes.SEQUENCE_CLASSIFICATION):
    """BERT that classifies sequences, or with `num_labels=1` gives a number: `(loss), logits, ...`."""


class BertForMultipleChoice(BertPreTrainedModel, public=classes.MULTIPLE_CHOICE):
    """BERT that picks one of several sequences, `[batch, choices, seq]`: `(loss), logits, ...`."""


class BertForTokenClassification(BertPreTrainedModel, public=classes.TOKEN_CLASSIFICATION):
    """BERT that classifies every token: `(loss), logits, ...`."""


class BertForQuestionAnswering(BertPreTrainedModel, public=classes.QUESTION_ANSWERING):
    """BERT that finds an answer in a text: `(loss), start_logits, end_logits, ...`."""

