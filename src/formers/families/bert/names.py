"""BERT's names in checkpoint files."""
from formers.checkpoint.names import NameTable

ENCODER = """
embeddings.tokens                      embeddings.word_embeddings
embeddings.positions                   embeddings.position_embeddings
embeddings.types                       embeddings.token_type_embeddings
embeddings.LayerNorm                   embeddings.LayerNorm
layers.{i}.attention.query             encoder.layer.{i}.attention.self.query
layers.{i}.attention.key               encoder.layer.{i}.attention.self.key
layers.{i}.attention.value             encoder.layer.{i}.attention.self.value
layers.{i}.attention.output            encoder.layer.{i}.attention.output.dense
layers.{i}.attention_LayerNorm         encoder.layer.{i}.attention.output.LayerNorm
layers.{i}.cross_attention.query       encoder.layer.{i}.crossattention.self.query
layers.{i}.cross_attention.key         encoder.layer.{i}.crossattention.self.key
layers.{i}.cross_attention.value       encoder.layer.{i}.crossattention.self.value
layers.{i}.cross_attention.output      encoder.layer.{i}.crossattention.output.dense
layers.{i}.cross_attention_LayerNorm   encoder.layer.{i}.crossattention.output.LayerNorm
layers.{i}.feed_forward.up             encoder.layer.{i}.intermediate.dense
layers.{i}.feed_forward.down           encoder.layer.{i}.output.dense
layers.{i}.feed_forward_LayerNorm      encoder.layer.{i}.output.LayerNorm
pooler.dense                           pooler.dense
"""

# Later releases of the original library saved the positions 0, 1, 2, ... as a buffer.
IGNORED = (r"(^|\.)embeddings\.position_ids$",)

NAMES = NameTable(ENCODER, ignored=IGNORED)
