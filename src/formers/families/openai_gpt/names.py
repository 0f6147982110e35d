"""GPT's names in checkpoint files."""
from formers.architecture.names import NameTable
from formers.families.gpt2.names import IGNORED, LAYERS

NAMES = NameTable(
    base="""
    embeddings.tokens     tokens_embed
    embeddings.positions  positions_embed
    """
    + LAYERS,
    ignored=IGNORED,
)
