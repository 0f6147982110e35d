"""BERT's configuration and the names of its published checkpoints."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, archive_map, given

BERT_PRETRAINED_MODEL_ARCHIVE_LIST = [
    "bert-base-uncased",
    "bert-large-uncased",
    "bert-base-cased",
    "bert-large-cased",
    "bert-base-multilingual-uncased",
    "bert-base-multilingual-cased",
    "bert-base-chinese",
    "bert-base-german-cased",
    "bert-large-uncased-whole-word-masking",
    "bert-large-cased-whole-word-masking",
    "bert-large-uncased-whole-word-masking-finetuned-squad",
    "bert-large-cased-whole-word-masking-finetuned-squad",
    "bert-base-cased-finetuned-mrpc",
    "bert-base-german-dbmdz-cased",
    "bert-base-german-dbmdz-uncased",
    "cl-tohoku/bert-base-japanese",
    "cl-tohoku/bert-base-japanese-whole-word-masking",
    "cl-tohoku/bert-base-japanese-char",
    "cl-tohoku/bert-base-japanese-char-whole-word-masking",
    "TurkuNLP/bert-base-finnish-cased-v1",
    "TurkuNLP/bert-base-finnish-uncased-v1",
    "wietsedv/bert-base-dutch-cased",
]
TF_BERT_PRETRAINED_MODEL_ARCHIVE_LIST = list(BERT_PRETRAINED_MODEL_ARCHIVE_LIST)
BERT_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(BERT_PRETRAINED_MODEL_ARCHIVE_LIST)


class BertConfig(PretrainedConfig):
    """Configuration of a BERT model; the defaults are those of `bert-base-uncased`.

    Args:
        vocab_size: Number of tokens.
        hidden_size: Width of the layers and of the pooler.
        num_hidden_layers: Number of layers.
        num_attention_heads: Attention heads a layer.
        intermediate_size: Width inside the feed-forward block.
        hidden_act: Activation of the feed-forward block, by name (`"gelu"`, `"gelu_new"`, `"relu"`, `"swish"`, ...).
        hidden_dropout_prob: Dropout of embeddings, blocks and heads.
        attention_probs_dropout_prob: Dropout of the attention weights.
        max_position_embeddings: Longest sequence, in tokens.
        type_vocab_size: Number of segment ids.
        initializer_range: Standard deviation of newly initialised weights.
        layer_norm_eps: Epsilon of the layer norms.
        pad_token_id: Id of the padding token.
        gradient_checkpointing: Save memory in training by computing the layers again in the backward pass.
        **kwargs: See `PretrainedConfig`.
    """

    model_type: ClassVar[str] = "bert"

    def __init__(
        self,
        vocab_size: int = 30522,
        hidden_size: int = 768,
        num_hidden_layers: int = 12,
        num_attention_heads: int = 12,
        intermediate_size: int = 3072,
        hidden_act: str = "gelu",
        hidden_dropout_prob: float = 0.1,
        attention_probs_dropout_prob: float = 0.1,
        max_position_embeddings: int = 512,
        type_vocab_size: int = 2,
        initializer_range: float = 0.02,
        layer_norm_eps: float = 1e-12,
        pad_token_id: int | None = 0,
        gradient_checkpointing: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**given(locals()))
