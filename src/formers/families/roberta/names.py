"""RoBERTa's parts, and their documented paths."""
from formers.architecture.names import NameTable
from formers.families.bert.names import EMBEDDINGS, ENCODER, IGNORED

HEADS = """
lm_head                RobertaLMHead
classifier.dense
classifier.dropout
classifier.out_proj
"""

NAMES = NameTable(
    EMBEDDINGS.replace("BertEmbeddings", "RobertaEmbeddings") + ENCODER, heads=HEADS, ignored=IGNORED
)
