"""T5's configuration and the names of its published checkpoints."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, alias, archive_map, given

T5_PRETRAINED_MODEL_ARCHIVE_LIST = ["t5-small", "t5-base", "t5-large", "t5-3b", "t5-11b"]
TF_T5_PRETRAINED_MODEL_ARCHIVE_LIST = list(T5_PRETRAINED_MODEL_ARCHIVE_LIST)
T5_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(T5_PRETRAINED_MODEL_ARCHIVE_LIST)


class T5Config(PretrainedConfig):
    """Configuration of a T5 model; the defaults are those of `t5-small`.

    The files of T5 v1.1 and its offspring (FLAN-T5, mT5's architecture) are read too: they say
    `feed_forward_proj="gated-gelu"` and `tie_word_embeddings=false`.

    Args:
        vocab_size: Number of tokens.
        n_positions: Length the model was trained for, in tokens (also `max_position_embeddings`); no limit.
        d_model: Width of the layers (also `hidden_size`).
        d_kv: Width of an attention head; all heads together may be wider than the layers.
        d_ff: Width inside the feed-forward block.
        num_layers: Number of layers of the encoder (also `num_hidden_layers`), and of the decoder unless
            `num_decoder_layers` says otherwise.
        num_heads: Attention heads a layer (also `num_attention_heads`).
        relative_attention_num_buckets: Number of buckets of distances.
        dropout_rate: Dropout of everything.
        layer_norm_epsilon: Epsilon of the norms.
        initializer_factor: Factor on the standard deviations of newly initialised weights.
        is_encoder_decoder: The model has both.
        pad_token_id: Id of the padding token.
        eos_token_id: Id of the last token of a sequence.
        **kwargs: See `PretrainedConfig`.
    """

    model_type: ClassVar[str] = "t5"

    # Known to the blocks, but part of `config.json` only where a file has them.
    feed_forward_proj: str = "relu"
    num_decoder_layers: int | None = None
    relative_attention_max_distance: int = 128

    hidden_size = alias("d_model")
    max_position_embeddings = alias("n_positions")
    num_attention_heads = alias("num_heads")
    num_hidden_layers = alias("num_layers")

    def __init__(
        self,
        vocab_size: int = 32128,
        n_positions: int = 512,
        d_model: int = 512,
        d_kv: int = 64,
        d_ff: int = 2048,
        num_layers: int = 6,
        num_heads: int = 8,
        relative_attention_num_buckets: int = 32,
        dropout_rate: float = 0.1,
        layer_norm_epsilon: float = 1e-6,
        initializer_factor: float = 1.0,
        is_encoder_decoder: bool = True,
        pad_token_id: int | None = 0,
        eos_token_id: int | None = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**given(locals()))
