"""RoBERTa's names in checkpoint files."""
from formers.architecture.names import NameTable
from formers.families.bert.names import ENCODER, IGNORED

NAMES = NameTable(ENCODER, heads="lm_head.LayerNorm lm_head.layer_norm", ignored=IGNORED)
