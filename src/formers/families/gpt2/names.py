"""GPT-2's names in checkpoint files."""
from formers.checkpoint.names import NameTable

LAYERS = """
layers.{i}.attention_LayerNorm     h.{i}.ln_1
layers.{i}.attention.qkv           h.{i}.attn.c_attn   transposed
layers.{i}.attention.output        h.{i}.attn.c_proj   transposed
layers.{i}.feed_forward_LayerNorm  h.{i}.ln_2
layers.{i}.feed_forward.up         h.{i}.mlp.c_fc      transposed
layers.{i}.feed_forward.down       h.{i}.mlp.c_proj    transposed
"""

# The triangle of the causal mask and its fill were saved as buffers.
IGNORED = (r"(^|\.)h\.\d+\.attn\.(bias|masked_bias)$",)

NAMES = NameTable(
    base="""
    embeddings.tokens     wte
    embeddings.positions  wpe
    LayerNorm             ln_f
    """
    + LAYERS,
    ignored=IGNORED,
)
