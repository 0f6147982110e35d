"""CTRL's names in checkpoint files."""
from formers.architecture.names import NameTable

NAMES = NameTable(
    base="""
    embeddings.tokens                  w
    layers.{i}.attention.query         h.{i}.multi_head_attention.Wq
    layers.{i}.attention.key           h.{i}.multi_head_attention.Wk
    layers.{i}.attention.value         h.{i}.multi_head_attention.Wv
    layers.{i}.attention.output        h.{i}.multi_head_attention.dense
    layers.{i}.attention_LayerNorm     h.{i}.layernorm1
    layers.{i}.feed_forward.up         h.{i}.ffn.0
    layers.{i}.feed_forward.down       h.{i}.ffn.2
    layers.{i}.feed_forward_LayerNorm  h.{i}.layernorm2
    LayerNorm                          layernorm
    """
)
