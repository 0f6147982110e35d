"""GPT-2's configuration and the names of its published checkpoints."""

from __future__ import annotations

from typing import Any, ClassVar

from formers.configuration import PretrainedConfig, alias, archive_map, given

GPT2_PRETRAINED_MODEL_ARCHIVE_LIST = ["gpt2", "gpt2-medium", "gpt2-large", "gpt2-xl", "distilgpt2"]
TF_GPT2_PRETRAINED_MODEL_ARCHIVE_LIST = list(GPT2_PRETRAINED_MODEL_ARCHIVE_LIST)
GPT2_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(GPT2_PRETRAINED_MODEL_ARCHIVE_LIST)


class GPT2Config(PretrainedConfig):
    """Configuration of a GPT-2 model; the defaults are those of `gpt2`. DialoGPT models have it too.

    Args:
        vocab_size: Number of tokens.
        n_positions: Longest sequence, in tokens (also `max_position_embeddings`).
        n_ctx: The same number, as older files name it.
        n_embd: Width of the layers (also `hidden_size`).
        n_layer: Number of layers (also `num_hidden_layers`).
        n_head: Attention heads a layer (also `num_attention_heads`).
        activation_function: Activation of the feed-forward block, by name.
        resid_pdrop: Dropout after each block.
        embd_pdrop: Dropout of the embeddings.
        attn_pdrop: Dropout of the attention weights.
        layer_norm_epsilon: Epsilon of the layer norms.
        initializer_range: Standard deviation of newly initialised weights.
        summary_type: What the multiple-choice head reads: `"cls_index"`, `"last"`, `"first"` or `"mean"`.
        summary_use_proj: A linear layer follows.
        summary_activation: Its activation, by name.
        summary_proj_to_labels: It has one output a label rather than `n_embd`.
        summary_first_dropout: Dropout before it.
        bos_token_id: Id of the token at the start of a text.
        eos_token_id: Id of the token at the end of a text.
        **kwargs: See `PretrainedConfig`.
    """

    model_type: ClassVar[str] = "gpt2"

    hidden_size = alias("n_embd")
    max_position_embeddings = alias("n_positions")
    num_attention_heads = alias("n_head")
    num_hidden_layers = alias("n_layer")

    def __init__(
        self,
        vocab_size: int = 50257,
        n_positions: int = 1024,
        n_ctx: int = 1024,
        n_embd: int = 768,
        n_layer: int = 12,
        n_head: int = 12,
        activation_function: str = "gelu_new",
        resid_pdrop: float = 0.1,
        embd_pdrop: float = 0.1,
        attn_pdrop: float = 0.1,
        layer_norm_epsilon: float = 1e-5,
        initializer_range: float = 0.02,
        summary_type: str = "cls_index",
        summary_use_proj: bool = True,
        summary_activation: str | None = None,
        summary_proj_to_labels: bool = True,
        summary_first_dropout: float = 0.1,
        bos_token_id: int | None = 50256,
        eos_token_id: int | None = 50256,
        **kwargs: Any,
    ) -> None:
        super().__init__(**given(locals()))
