"""CTRL's configuration and the name of its published checkpoint."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, alias, archive_map, given

CTRL_PRETRAINED_MODEL_ARCHIVE_LIST = ["ctrl"]
TF_CTRL_PRETRAINED_MODEL_ARCHIVE_LIST = list(CTRL_PRETRAINED_MODEL_ARCHIVE_LIST)
CTRL_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(CTRL_PRETRAINED_MODEL_ARCHIVE_LIST)


class CTRLConfig(PretrainedConfig):
    """Configuration of a CTRL model; the defaults are those of `ctrl`.

    Args:
        vocab_size: Number of tokens.
        n_positions: Longest sequence, in tokens (also `max_position_embeddings`).
        n_ctx: The same number, as older files name it.
        n_embd: Width of the layers (also `hidden_size`).
        dff: Width inside the feed-forward block.
        n_layer: Number of layers (also `num_hidden_layers`).
        n_head: Attention heads a layer (also `num_attention_heads`).
        resid_pdrop: Dropout after each block.
        embd_pdrop: Dropout of the embeddings.
        attn_pdrop: Kept for old files; without effect.
        layer_norm_epsilon: Epsilon of the last layer norm.
        initializer_range: Standard deviation of newly initialised weights.
        summary_type: Kept for old files, as all of `summary_...`.
        summary_use_proj: See `summary_type`.
        summary_activation: See `summary_type`.
        summary_proj_to_labels: See `summary_type`.
        summary_first_dropout: See `summary_type`.
        **kwargs: See `PretrainedConfig`.
    """

    model_type: ClassVar[str] = "ctrl"

    hidden_size = alias("n_embd")
    max_position_embeddings = alias("n_positions")
    num_attention_heads = alias("n_head")
    num_hidden_layers = alias("n_layer")

    def __init__(
        self,
        vocab_size: int = 246534,
        n_positions: int = 256,
        n_ctx: int = 256,
        n_embd: int = 1280,
        dff: int = 8192,
        n_layer: int = 48,
        n_head: int = 16,
        resid_pdrop: float = 0.1,
        embd_pdrop: float = 0.1,
        attn_pdrop: float = 0.1,
        layer_norm_epsilon: float = 1e-6,
        initializer_range: float = 0.02,
        summary_type: str = "cls_index",
        summary_use_proj: bool = True,
        summary_activation: str | None = None,
        summary_proj_to_labels: bool = True,
        summary_first_dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**given(locals()))
