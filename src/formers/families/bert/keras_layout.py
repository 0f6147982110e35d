"""What Keras calls BERT's weights in `tf_model.h5`."""

from formers.architecture.keras_names import KerasLayout

# The word embeddings are a special layer there, which the output layer shares.
EMBEDDING_LEAVES = {"*.word_embeddings.weight": "weight", "*_embeddings.weight": "embeddings"}

KERAS_LAYOUT = KerasLayout(
    paths={"cls.seq_relationship": "nsp___cls/seq_relationship", "cls.predictions": "mlm___cls/predictions"},
    leaves=EMBEDDING_LEAVES,
    omitted=("cls.predictions.decoder.*", "*.position_ids"),
    repeated={"cls.predictions": "bert.embeddings"},
)
