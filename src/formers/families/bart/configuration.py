"""BART's configuration and the names of its published checkpoints."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, archive_map

BART_PRETRAINED_MODEL_ARCHIVE_LIST = [
    "facebook/bart-base",
    "facebook/bart-large",
    "facebook/bart-large-mnli",
    "facebook/bart-large-cnn",
    "facebook/bart-large-xsum",
    "facebook/mbart-large-en-ro",
]
BART_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map([*BART_PRETRAINED_MODEL_ARCHIVE_LIST, "yjernite/bart_eli5"])


class BartConfig(PretrainedConfig):
    """Configuration of a BART model; the defaults are those of `facebook/bart-large`.

    Args:
        activation_dropout: Dropout inside the feed-forward block.
        extra_pos_embeddings: Rows at the start of the position tables that are never a position; always 2.
        activation_function: Activation of the feed-forward block, by name.
        vocab_size: Number of tokens.
        d_model: Width of the layers (also read as `hidden_size`).
        encoder_ffn_dim: Width inside the feed-forward blocks of the encoder.
        encoder_layers: Number of layers of the encoder (also read as `num_hidden_layers`).
        encoder_attention_heads: Attention heads a layer of the encoder (also read as `num_attention_heads`).
        decoder_ffn_dim: Width inside the feed-forward blocks of the decoder.
        decoder_layers: Number of layers of the decoder.
        decoder_attention_heads: Attention heads a layer of the decoder.
        encoder_layerdrop: Probability with which a layer of the encoder is left out in training.
        decoder_layerdrop: Probability with which a layer of the decoder is left out in training.
        attention_dropout: Dropout of the attention weights.
        dropout: Dropout of embeddings and blocks.
        max_position_embeddings: Longest sequence, in tokens.
        init_std: Standard deviation of newly initialised weights.
        classifier_dropout: Dropout of the classification head.
        num_labels: Number of classes.
        is_encoder_decoder: The model has both.
        pad_token_id: Id of the padding token.
        bos_token_id: Id of the first token of a sequence.
        eos_token_id: Id of the last token of a sequence; the classification head reads its last one.
        normalize_before: Norms stand before the blocks rather than after them (mBART).
        add_final_layer_norm: A norm follows the decoder's last layer (mBART).
        scale_embedding: Words are scaled by the root of `d_model`.
        normalize_embedding: A norm follows the embeddings.
        static_position_embeddings: Positions are fixed sinusoids rather than learned (Marian).
        add_bias_logits: Kept for old files; without effect.
        **common_kwargs: See `PretrainedConfig`.

    Raises:
        ValueError: `hidden_size` is given: the name is `d_model`.
    """

    model_type: ClassVar[str] = "bart"

    def __init__(
        self,
        activation_dropout: float = 0.0,
        extra_pos_embeddings: int = 2,
        activation_function: str = "gelu",
        vocab_size: int = 50265,
        d_model: int = 1024,
        encoder_ffn_dim: int = 4096,
        encoder_layers: int = 12,
        encoder_attention_heads: int = 16,
        decoder_ffn_dim: int = 4096,
        decoder_layers: int = 12,
        decoder_attention_heads: int = 16,
        encoder_layerdrop: float = 0.0,
        decoder_layerdrop: float = 0.0,
        attention_dropout: float = 0.0,
        dropout: float = 0.1,
        max_position_embeddings: int = 1024,
        init_std: float = 0.02,
        classifier_dropout: float = 0.0,
        num_labels: int = 3,
        is_encoder_decoder: bool = True,
        pad_token_id: int | None = 1,
        bos_token_id: int | None = 0,
        eos_token_id: int | None = 2,
        normalize_before: bool = False,
        add_final_layer_norm: bool = False,
        scale_embedding: bool = False,
        normalize_embedding: bool = True,
        static_position_embeddings: bool = False,
        add_bias_logits: bool = False,
        **common_kwargs: Any,
    ) -> None:
        if "hidden_size" in common_kwargs:
            raise ValueError(f"{type(self).__name__} takes d_model, the width of the layers, not hidden_size")
        self.vocab_size = vocab_size
        self.d_model = d_model
        self.encoder_ffn_dim = encoder_ffn_dim
        self.encoder_layers = self.num_hidden_layers = encoder_layers
        self.encoder_attention_heads = encoder_attention_heads
        self.encoder_layerdrop = encoder_layerdrop
        self.decoder_layerdrop = decoder_layerdrop
        self.decoder_ffn_dim = decoder_ffn_dim
        self.decoder_layers = decoder_layers
        self.decoder_attention_heads = decoder_attention_heads
        self.max_position_embeddings = max_position_embeddings
        self.init_std = init_std
        self.activation_function = activation_function
        self.scale_embedding = scale_embedding
        self.normalize_embedding = normalize_embedding
        self.normalize_before = normalize_before
        self.add_final_layer_norm = add_final_layer_norm
        self.add_bias_logits = add_bias_logits
        self.static_position_embeddings = static_position_embeddings
        self.attention_dropout = attention_dropout
        self.activation_dropout = activation_dropout
        self.dropout = dropout
        self.classif_dropout = classifier_dropout
        self.extra_pos_embeddings = extra_pos_embeddings
        super().__init__(
            num_labels=num_labels,
            pad_token_id=pad_token_id,
            bos_token_id=bos_token_id,
            eos_token_id=eos_token_id,
            is_encoder_decoder=is_encoder_decoder,
            **common_kwargs,
        )

    @property
    def num_attention_heads(self) -> int:
        """The same as `encoder_attention_heads`."""
        return self.encoder_attention_heads

    @property
    def hidden_size(self) -> int:
        """The same as `d_model`."""
        return self.d_model

    def is_valid_mbart(self) -> bool:
        """Tell whether the settings are those that make mBART of BART."""
        return bool(self.normalize_before and self.add_final_layer_norm and self.scale_embedding)
