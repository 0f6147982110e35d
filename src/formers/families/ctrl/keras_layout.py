"""What Keras calls CTRL's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout

KERAS_LAYOUT = KerasLayout(
    leaves={"*.w.weight": "weight"},
    omitted=("lm_head.weight",),
    parts=("multi_head_attention", "ffn", "layernorm1", "layernorm2"),
)
