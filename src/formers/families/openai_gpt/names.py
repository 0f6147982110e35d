"""GPT's parts, and their documented paths."""
from formers.architecture.names import NameTable
from formers.families.gpt2.names import HEADS, IGNORED

BASE = """
embeddings.tokens                         tokens_embed
embeddings.positions                      positions_embed
embeddings.dropout                        drop
layers.{i}                                h.{i}                      Block
layers.{i}.attention                      h.{i}.attn                 Attention
layers.{i}.attention.qkv                  h.{i}.attn.c_attn          Conv1D
layers.{i}.attention.output               h.{i}.attn.c_proj          Conv1D
layers.{i}.attention.dropout              h.{i}.attn.attn_dropout
layers.{i}.attention.residual_dropout     h.{i}.attn.resid_dropout
layers.{i}.attention.norm                 h.{i}.ln_1
layers.{i}.feed_forward                   h.{i}.mlp                  MLP
layers.{i}.feed_forward.up                h.{i}.mlp.c_fc             Conv1D
layers.{i}.feed_forward.down              h.{i}.mlp.c_proj           Conv1D
layers.{i}.feed_forward.activation        h.{i}.mlp.act
layers.{i}.feed_forward.residual_dropout  h.{i}.mlp.dropout
layers.{i}.feed_forward.norm              h.{i}.ln_2
"""

NAMES = NameTable(BASE, heads=HEADS, ignored=IGNORED)
