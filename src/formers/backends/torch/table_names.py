"""An argument that some families call by another name."""
from typing import Any

from torch import nn


class NewEmbeddings:
    """For models whose `set_input_embeddings` calls its argument `new_embeddings`; stands before the model's base."""

    def set_input_embeddings(self, new_embeddings: nn.Module) -> None:
        """Replace the table of words."""
        base: Any = super()
        base.set_input_embeddings(new_embeddings)
