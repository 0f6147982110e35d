"""GPT-2's parts, and their documented paths."""
import re

from formers.architecture.names import NameTable, Variable

BASE = """
embeddings.tokens                         wte
embeddings.positions                      wpe
embeddings.dropout                        drop
layers.{i}                                h.{i}                      Block
layers.{i}.attention.norm                 h.{i}.ln_1
layers.{i}.attention                      h.{i}.attn                 Attention
layers.{i}.attention.qkv                  h.{i}.attn.c_attn          Conv1D
layers.{i}.attention.output               h.{i}.attn.c_proj          Conv1D
layers.{i}.attention.dropout              h.{i}.attn.attn_dropout
layers.{i}.attention.residual_dropout     h.{i}.attn.resid_dropout
layers.{i}.feed_forward.norm              h.{i}.ln_2
layers.{i}.feed_forward                   h.{i}.mlp                  MLP
layers.{i}.feed_forward.up                h.{i}.mlp.c_fc             Conv1D
layers.{i}.feed_forward.down              h.{i}.mlp.c_proj           Conv1D
layers.{i}.feed_forward.activation        h.{i}.mlp.act
layers.{i}.feed_forward.residual_dropout  h.{i}.mlp.dropout
norm                                      ln_f
"""

HEADS = """
lm_head
multiple_choice_head                      SequenceSummary
multiple_choice_head.summary
multiple_choice_head.activation
multiple_choice_head.first_dropout        Identity
multiple_choice_head.last_dropout         Identity
"""

# The triangle of the causal mask and its fill are saved as buffers; their values are known.
IGNORED = (r"(^|\.)h\.\d+\.attn\.(bias|masked_bias)$",)

_LEAVES = {"w": "weight", "b": "bias", "g": "weight"}


def original(variable: str) -> Variable:
    """Return OpenAI's names: `model/h0/attn/c_attn/w`, `model/ln_f/g`, `model/wte`."""
    path = re.sub(r"^h(\d+)/", r"h/\1/", variable.removeprefix("model/"))
    head, _, leaf = path.replace("/", ".").rpartition(".")
    if not head:
        return Variable(f"{leaf}.weight")
    # Their products were convolutions over one token.
    return Variable(f"{head}.{_LEAVES.get(leaf, leaf)}", squeezed=leaf == "w")


NAMES = NameTable(BASE, heads=HEADS, ignored=IGNORED, original=original)
