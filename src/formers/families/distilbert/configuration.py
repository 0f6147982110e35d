"""DistilBERT's configuration and the names of its published checkpoints."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, alias, archive_map, given

DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST = [
    "distilbert-base-uncased",
    "distilbert-base-uncased-distilled-squad",
    "distilbert-base-cased",
    "distilbert-base-cased-distilled-squad",
    "distilbert-base-german-cased",
    "distilbert-base-multilingual-cased",
    "distilbert-base-uncased-finetuned-sst-2-english",
]
TF_DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST = [
    name for name in DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST if name != "distilbert-base-german-cased"
]
DISTILBERT_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(DISTILBERT_PRETRAINED_MODEL_ARCHIVE_LIST)


class DistilBertConfig(PretrainedConfig):
    """Configuration of a DistilBERT model; the defaults are those of `distilbert-base-uncased`.

    Args:
        vocab_size: Number of tokens.
        max_position_embeddings: Longest sequence, in tokens.
        sinusoidal_pos_embds: Fixed sinusoidal positions instead of learned ones.
        n_layers: Number of layers (also `num_hidden_layers`).
        n_heads: Attention heads a layer (also `num_attention_heads`).
        dim: Width of the layers (also `hidden_size`).
        hidden_dim: Width inside the feed-forward block.
        dropout: Dropout of embeddings and blocks.
        attention_dropout: Dropout of the attention weights.
        activation: Activation of the feed-forward block: `"gelu"` or `"relu"`.
        initializer_range: Standard deviation of newly initialised weights.
        qa_dropout: Dropout of the question-answering head.
        seq_classif_dropout: Dropout of the sequence-classification head.
        pad_token_id: Id of the padding token.
        **kwargs: See `PretrainedConfig`.
    """

    model_type: ClassVar[str] = "distilbert"

    hidden_size = alias("dim")
    num_attention_heads = alias("n_heads")
    num_hidden_layers = alias("n_layers")

    def __init__(
        self,
        vocab_size: int = 30522,
        max_position_embeddings: int = 512,
        sinusoidal_pos_embds: bool = False,
        n_layers: int = 6,
        n_heads: int = 12,
        dim: int = 768,
        hidden_dim: int = 3072,
        dropout: float = 0.1,
        attention_dropout: float = 0.1,
        activation: str = "gelu",
        initializer_range: float = 0.02,
        qa_dropout: float = 0.1,
        seq_classif_dropout: float = 0.2,
        pad_token_id: int | None = 0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**given(locals()))
