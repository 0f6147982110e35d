"""DistilBERT's names in checkpoint files."""
from formers.architecture.names import NameTable
from formers.families.bert.names import IGNORED

NAMES = NameTable(
    base="""
    embeddings.tokens                  embeddings.word_embeddings
    embeddings.positions               embeddings.position_embeddings
    embeddings.LayerNorm               embeddings.LayerNorm
    layers.{i}.attention.query         transformer.layer.{i}.attention.q_lin
    layers.{i}.attention.key           transformer.layer.{i}.attention.k_lin
    layers.{i}.attention.value         transformer.layer.{i}.attention.v_lin
    layers.{i}.attention.output        transformer.layer.{i}.attention.out_lin
    layers.{i}.attention_LayerNorm     transformer.layer.{i}.sa_layer_norm
    layers.{i}.feed_forward.up         transformer.layer.{i}.ffn.lin1
    layers.{i}.feed_forward.down       transformer.layer.{i}.ffn.lin2
    layers.{i}.feed_forward_LayerNorm  transformer.layer.{i}.output_layer_norm
    """,
    heads="vocab_LayerNorm vocab_layer_norm",
    ignored=IGNORED,
)
