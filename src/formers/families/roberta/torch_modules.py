"""RoBERTa's PyTorch modules: BERT's, but for embeddings and heads."""
from typing import Any

import torch
from torch import Tensor

from formers.architecture import Reads
from formers.backends.torch.containers import Arguments, HeadContainer, ReadingEntrance
from formers.backends.torch.tree import Tree
from formers.families.bert.torch_modules import TREE as BERT_TREE
from formers.families.bert.torch_modules import BertEmbeddings
from formers.network.call import Call

from . import tasks
from .architecture import architecture
from .names import NAMES

TREE = Tree(__name__, NAMES, architecture, BERT_TREE)


def create_position_ids_from_input_ids(input_ids: Tensor, padding_idx: int) -> Tensor:
    """Count the tokens other than padding, from `padding_idx + 1`; padding is at `padding_idx`.

    Args:
        input_ids: *Shape:* `[..., seq]`.
        padding_idx: id of the padding token.

    Returns:
        int64. *Shape:* `[..., seq]`.
    """
    real = (input_ids != padding_idx).long()
    return real.cumsum(-1) * real + padding_idx


class RobertaEmbeddings(BertEmbeddings, tree=TREE):
    """RoBERTa's embeddings: BERT's, with positions that count the tokens other than padding."""

    def settled(self) -> None:
        """See `Container.settled`."""
        self.padding_idx = self.spec.positions.padding  # type: ignore[union-attr]

    def create_position_ids_from_inputs_embeds(self, inputs_embeds: Tensor) -> Tensor:
        """Count all positions, from `padding_idx + 1`. *Shape:* `[batch, seq, hidden]` to `[batch, seq]`."""
        first, length = self.padding_idx + 1, inputs_embeds.shape[1]
        ids = torch.arange(first, first + length, device=inputs_embeds.device)
        return ids.expand(inputs_embeds.shape[:-1])

    def read(
        self,
        input_ids: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
    ) -> Any:
        """See `Container.read`."""
        if position_ids is None and input_ids is not None:
            position_ids = create_position_ids_from_input_ids(input_ids, self.padding_idx)
        return super().read(input_ids, token_type_ids, position_ids, inputs_embeds)

    @classmethod
    def arguments(cls, call: Call, start: Any) -> Arguments:
        """See `Container.arguments`."""
        return super().arguments(call, start)


class RobertaLMHead(HeadContainer, tree=TREE):
    """Scores of the vocabulary."""

    alone = ("lm_head", tasks.MASKED_LM)

    def read(self, features: Tensor, **kwargs: Any) -> Any:  # type: ignore[override]
        """See `Container.read`."""
        return (features,)


class RobertaClassificationHead(HeadContainer, tree=TREE):
    """Classes, or one number, of the states of a sequence, of which the first is looked at."""

    entrance = ReadingEntrance
    reads = True
    documented_reads = Reads.FIRST_TOKEN
    alone = ("classifier", tasks.SEQUENCE_CLASSIFICATION)

    def compute(self, x: Tensor, steps: Any = None, path: str = "") -> Tensor:
        """Compute the head. *Shape:* `[batch, seq, hidden]` to `[batch, labels]`."""
        return super().compute(x[:, 0], steps, path)

    def read(self, features: Tensor, **kwargs: Any) -> Any:  # type: ignore[override]
        """See `Container.read`."""
        return (features,)
