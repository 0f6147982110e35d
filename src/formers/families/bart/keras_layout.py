"""What Keras calls BART's weights in `tf_model.h5`: names of this library, for v3.0.2 has no Keras classes of BART."""

from formers.architecture.keras_names import KerasLayout

KERAS_LAYOUT = KerasLayout(
    leaves={"*.shared.weight": "weight", "*.embed_positions.weight": "embeddings"},
    omitted=("*.embed_tokens.weight",),
)
