"""What Keras calls DistilBERT's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout
from formers.families.bert.keras_layout import EMBEDDING_LEAVES

KERAS_LAYOUT = KerasLayout(
    leaves=EMBEDDING_LEAVES,
    omitted=("vocab_projector.weight",),
    repeated={"vocab_projector": "distilbert.embeddings"},
)
