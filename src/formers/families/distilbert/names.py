"""DistilBERT's parts, and their documented paths."""
from formers.architecture.names import NameTable
from formers.families.bert.names import IGNORED

BASE = """
embeddings                            embeddings                              Embeddings
embeddings.tokens                     embeddings.word_embeddings
embeddings.positions                  embeddings.position_embeddings
embeddings.norm                       embeddings.LayerNorm
embeddings.dropout                    embeddings.dropout
layers                                transformer                             Transformer
layers.{i}                            transformer.layer.{i}                   TransformerBlock
layers.{i}.attention                  transformer.layer.{i}.attention         MultiHeadSelfAttention
layers.{i}.attention.dropout          transformer.layer.{i}.attention.dropout
layers.{i}.attention.query            transformer.layer.{i}.attention.q_lin
layers.{i}.attention.key              transformer.layer.{i}.attention.k_lin
layers.{i}.attention.value            transformer.layer.{i}.attention.v_lin
layers.{i}.attention.output           transformer.layer.{i}.attention.out_lin
layers.{i}.attention.norm             transformer.layer.{i}.sa_layer_norm
layers.{i}.feed_forward               transformer.layer.{i}.ffn               FFN
layers.{i}.feed_forward.residual_dropout  transformer.layer.{i}.ffn.dropout
layers.{i}.feed_forward.up            transformer.layer.{i}.ffn.lin1
layers.{i}.feed_forward.down          transformer.layer.{i}.ffn.lin2
layers.{i}.feed_forward.activation    transformer.layer.{i}.ffn.activation    ReLU
layers.{i}.feed_forward.norm          transformer.layer.{i}.output_layer_norm
"""

HEADS = """
vocab_transform
vocab_layer_norm
vocab_projector
mlm_loss_fct
pre_classifier
classifier
qa_outputs
dropout
"""

NAMES = NameTable(BASE, heads=HEADS, ignored=IGNORED)
