"""What Keras calls T5's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout

KERAS_LAYOUT = KerasLayout(
    leaves={
        "shared.weight": "weight",
        "*.relative_attention_bias.weight": "embeddings",
        "*layer_norm.weight": "weight",
    },
    omitted=("encoder.embed_tokens.weight", "decoder.embed_tokens.weight"),
    copies={"lm_head.weight": "shared.weight"},
    parts=("SelfAttention", "EncDecAttention", "DenseReluDense", "layer_norm", *"qkvo", "relative_attention_bias"),
    outside=("shared",),
)
