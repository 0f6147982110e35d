"""BERT's Keras classes."""
from typing import Any

from formers.backends.keras import TFMainLayer, TFPreTrainedModel
from formers.backends.keras.embeddings import Embeddings

from . import FAMILY, tasks
from .architecture import architecture
from .configuration import TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST as TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST
from .configuration import BertConfig


class TFBertMainLayer(TFMainLayer):
    """BERT without heads as a Keras layer."""

    family = FAMILY
    task = tasks.BASE


class TFBertPreTrainedModel(TFPreTrainedModel):
    """Base of BERT's Keras classes, and of models of one's own around a `TFBertMainLayer`."""

    family = FAMILY
    main_layer = TFBertMainLayer


class TFBertModel(TFBertPreTrainedModel):
    """`BertModel` in Keras."""

    task = tasks.BASE


class TFBertForPreTraining(TFBertPreTrainedModel):
    """`BertForPreTraining` in Keras."""

    task = tasks.PRETRAINING.without("labels", "next_sentence_label")


class TFBertForMaskedLM(TFBertPreTrainedModel):
    """`BertForMaskedLM` in Keras."""

    task = tasks.MASKED_LM.without("labels")


class TFBertForNextSentencePrediction(TFBertPreTrainedModel):
    """`BertForNextSentencePrediction` in Keras."""

    task = tasks.NEXT_SENTENCE.without("next_sentence_label")


class TFBertForSequenceClassification(TFBertPreTrainedModel):
    """`BertForSequenceClassification` in Keras."""

    task = tasks.SEQUENCE_CLASSIFICATION


class TFBertForMultipleChoice(TFBertPreTrainedModel):
    """`BertForMultipleChoice` in Keras."""

    task = tasks.MULTIPLE_CHOICE


class TFBertForTokenClassification(TFBertPreTrainedModel):
    """`BertForTokenClassification` in Keras."""

    task = tasks.TOKEN_CLASSIFICATION


class TFBertForQuestionAnswering(TFBertPreTrainedModel):
    """`BertForQuestionAnswering` in Keras."""

    task = tasks.QUESTION_ANSWERING


class TFBertEmbeddings(Embeddings):
    """BERT's embedding block, and its table of words as the map to the vocabulary.

    Args:
        config: the model's configuration.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, config: BertConfig, **kwargs: Any):
        whole = architecture(config)
        super().__init__(whole.stack.embeddings, whole.init, **kwargs)

    def call(  # type: ignore[override]  # the documented call of this class is its own
        self, inputs: Any, mode: str = "embedding", training: bool = False
    ) -> Any:
        """Embed, or score all words.

        Args:
            inputs: ids, or a list or tuple of `input_ids, position_ids, token_type_ids, inputs_embeds`, with None for
                those that are not given; for `linear` hidden states, *shape* `[batch, seq, hidden]`.
            mode: `embedding` or `linear`.
            training: drop values.

        Returns:
            *Shape:* `[batch, seq, hidden]`, or for `linear` `[batch, seq, vocab]`.

        Raises:
            ValueError: the mode is another.
        """
        if mode != "embedding":
            return self.tokens(inputs, mode=mode)
        given = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
        input_ids, position_ids, token_type_ids, inputs_embeds = (*given, None, None, None)[:4]
        return super().call(input_ids, inputs_embeds, token_type_ids, position_ids, training=training)
