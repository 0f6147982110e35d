"""CTRL's parts, and their documented paths."""
from formers.architecture.names import NameTable

BASE = """
embeddings.tokens                         w
embeddings.dropout                        dropout
layers.{i}                                h.{i}                               EncoderLayer
layers.{i}.attention                      h.{i}.multi_head_attention          MultiHeadAttention
layers.{i}.attention.query                h.{i}.multi_head_attention.Wq
layers.{i}.attention.key                  h.{i}.multi_head_attention.Wk
layers.{i}.attention.value                h.{i}.multi_head_attention.Wv
layers.{i}.attention.output               h.{i}.multi_head_attention.dense
layers.{i}.feed_forward                   h.{i}.ffn                           Sequential
layers.{i}.feed_forward.up                h.{i}.ffn.0
layers.{i}.feed_forward.activation        h.{i}.ffn.1                         ReLU
layers.{i}.feed_forward.down              h.{i}.ffn.2
layers.{i}.attention.norm                 h.{i}.layernorm1
layers.{i}.feed_forward.norm              h.{i}.layernorm2
layers.{i}.attention.residual_dropout     h.{i}.dropout1
layers.{i}.feed_forward.residual_dropout  h.{i}.dropout2
norm                                      layernorm
"""

NAMES = NameTable(BASE)
