"""What Keras calls RoBERTa's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout
from formers.families.bert.keras_layout import EMBEDDING_LEAVES

KERAS_LAYOUT = KerasLayout(
    leaves=EMBEDDING_LEAVES,
    omitted=("lm_head.decoder.*", "*.position_ids"),
    repeated={"lm_head": "roberta.embeddings"},
    last=("roberta.embeddings.",),
)
