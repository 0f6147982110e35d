"""GPT's configuration and the name of its published checkpoint."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, alias, archive_map, given

OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST = ["openai-gpt"]
TF_OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST = list(OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST)
OPENAI_GPT_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(OPENAI_GPT_PRETRAINED_MODEL_ARCHIVE_LIST)


class OpenAIGPTConfig(PretrainedConfig):
    """Configuration of a GPT model; the defaults are those of `openai-gpt`.

    Args:
        vocab_size: Number of tokens.
        n_positions: Longest sequence, in tokens (also `max_position_embeddings`).
        n_ctx: The same number, as older files name it.
        n_embd: Width of the layers (also `hidden_size`).
        n_layer: Number of layers (also `num_hidden_layers`).
        n_head: Attention heads a layer (also `num_attention_heads`).
        afn: Activation of the feed-forward block, by name; `"gelu"` is its tanh form here.
        resid_pdrop: Dropout after each block.
        embd_pdrop: Dropout of the embeddings.
        attn_pdrop: Dropout of the attention weights.
        layer_norm_epsilon: Epsilon of the layer norms.
        initializer_range: Standard deviation of newly initialised weights.
        predict_special_tokens: Kept for old files; without effect.
        summary_type: What the multiple-choice head reads: `"cls_index"`, `"last"`, `"first"` or `"mean"`.
        summary_use_proj: A linear layer follows.
        summary_activation: Its activation, by name.
        summary_proj_to_labels: It has one output a label rather than `n_embd`.
        summary_first_dropout: Dropout before it.
        **kwargs: See `PretrainedConfig`.
    """

    model_type: ClassVar[str] = "openai-gpt"

    hidden_size = alias("n_embd")
    max_position_embeddings = alias("n_positions")
    num_attention_heads = alias("n_head")
    num_hidden_layers = alias("n_layer")

    def __init__(
        self,
        vocab_size: int = 40478,
        n_positions: int = 512,
        n_ctx: int = 512,
        n_embd: int = 768,
        n_layer: int = 12,
        n_head: int = 12,
        afn: str = "gelu",
        resid_pdrop: float = 0.1,
        embd_pdrop: float = 0.1,
        attn_pdrop: float = 0.1,
        layer_norm_epsilon: float = 1e-5,
        initializer_range: float = 0.02,
        predict_special_tokens: bool = True,
        summary_type: str = "cls_index",
        summary_use_proj: bool = True,
        summary_activation: str | None = None,
        summary_proj_to_labels: bool = True,
        summary_first_dropout: float = 0.1,
        **kwargs: Any,
    ) -> None:
        super().__init__(**given(locals()))
