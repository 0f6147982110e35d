"""GPT-2's names in checkpoint files."""
import re

from formers.architecture.names import NameTable
from formers.architecture.names import Variable

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

_LEAVES = {"w": "weight", "b": "bias", "g": "weight"}


def original(variable: str) -> Variable:
    """OpenAI's names: `model/h0/attn/c_attn/w`, `model/ln_f/g`, `model/wte`."""
    path = re.sub(r"^h(\d+)/", r"h/\1/", variable.removeprefix("model/"))
    head, _, leaf = path.replace("/", ".").rpartition(".")
    if not head:
        return Variable(f"{leaf}.weight")
    # Their products were convolutions over one token.
    return Variable(f"{head}.{_LEAVES.get(leaf, leaf)}", squeezed=leaf == "w")


NAMES = NameTable(
    base="""
    embeddings.tokens     wte
    embeddings.positions  wpe
    LayerNorm             ln_f
    """
    + LAYERS,
    ignored=IGNORED,
    original=original,
)
