"""What Keras calls GPT's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout
from formers.families.gpt2.keras_layout import LAYER_LEAVES, LAYER_ROWS

KERAS_LAYOUT = KerasLayout(
    leaves={"*.tokens_embed.weight": "weight", "*.positions_embed.weight": "embeddings", **LAYER_LEAVES},
    rows=LAYER_ROWS,
    omitted=("lm_head.weight",),
)
