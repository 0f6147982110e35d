"""What Keras calls GPT-2's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout

# GPT's linear layers are of another kind: their weight is not a kernel, their bias a row.
LAYER_LEAVES = {"*.c_attn.weight": "weight", "*.c_proj.weight": "weight", "*.c_fc.weight": "weight"}
LAYER_ROWS = ("*.c_attn.bias", "*.c_proj.bias", "*.c_fc.bias")

KERAS_LAYOUT = KerasLayout(
    leaves={"*.wte.weight": "weight", "*.wpe.weight": "embeddings", **LAYER_LEAVES},
    rows=LAYER_ROWS,
    omitted=("lm_head.weight",),
    parts=("ln_1", "attn", "ln_2", "mlp"),
)
