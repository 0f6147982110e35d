"""The embedding block: ids to the first hidden states."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import Embeddings as EmbeddingsSpec
from formers.architecture import Learned, PaddingAware, Sinusoid, TypeTable, WordTypes
from formers.architecture.sinusoids import sinusoids

from .norms import build_norm


class Embeddings(nn.Module):
    """Words, positions and types, summed, normed, dropped out (see `formers.architecture.Embeddings`)."""

    def __init__(self, spec: EmbeddingsSpec):
        super().__init__()
        self.spec = spec
        self.tokens = nn.Embedding(spec.vocabulary, spec.size, padding_idx=spec.pad)
        self.positions: nn.Embedding | None = None
        self.types: nn.Embedding | None = None
        match spec.positions:
            case Learned(size, offset):
                self.positions = nn.Embedding(size + offset, spec.size)
            case PaddingAware(size, pad):
                self.positions = nn.Embedding(size, spec.size, padding_idx=pad)
            case Sinusoid(size, layout, stored=True):
                self.positions = SinusoidTable(size, spec.size, layout)
            case None:
                pass
            case other:
                raise NotImplementedError(f"the PyTorch backend has no positions of the kind {other!r}")
        match spec.types:
            case TypeTable(size):
                self.types = nn.Embedding(size, spec.size)
            case None:
                pass
            case WordTypes():
                raise NotImplementedError("the PyTorch backend does not look types up among the words")
        self.LayerNorm = build_norm(spec.norm, spec.size) if spec.norm else None

    def forward(
        self,
        input_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
    ) -> Tensor:
        """Embed ids, or vectors in their place.

        Args:
            input_ids: *Shape:* `[batch, seq]`.
            inputs_embeds: *Shape:* `[batch, seq, size]`.
            token_type_ids, position_ids: *Shape:* `[batch, seq]`; zeros, and the positions of the spec, by default.

        Returns:
            *Shape:* `[batch, seq, size]`.
        """
        if inputs_embeds is not None and self.spec.embeds_replace == "block":
            return inputs_embeds
        if inputs_embeds is None:
            assert input_ids is not None
            hidden = self.tokens(input_ids)
        else:
            hidden = inputs_embeds
        if self.spec.scale != 1.0:
            hidden = hidden * self.spec.scale
        if self.positions is not None:
            hidden = hidden + self._positions(hidden, input_ids if inputs_embeds is None else None, position_ids)
        if self.types is not None:
            hidden = hidden + (self.types.weight[0] if token_type_ids is None else self.types(token_type_ids))
        if self.LayerNorm is not None:
            hidden = self.LayerNorm(hidden)
        return F.dropout(hidden, self.spec.dropout, self.training)

    def _positions(self, hidden: Tensor, input_ids: Tensor | None, position_ids: Tensor | None) -> Tensor:
        spec, table = self.spec.positions, self.positions
        assert spec is not None and table is not None
        if position_ids is None:
            length = hidden.shape[1]
            first = spec.offset if isinstance(spec, Learned) else 0
            if isinstance(spec, PaddingAware):
                first = spec.pad + 1
                if input_ids is not None:
                    real = (input_ids != spec.pad).int()
                    position_ids = (real.cumsum(1).type_as(real) * real).long() + spec.pad
            if first + length > table.num_embeddings:
                raise ValueError(
                    f"the input has {length} positions, but the model knows {table.num_embeddings - first}: "
                    "truncate the input (truncation=True) or split it"
                )
            if position_ids is None:
                return table.weight[first : first + length]
        elif isinstance(spec, Learned) and spec.offset:
            position_ids = position_ids + spec.offset
        return table(position_ids)


class SinusoidTable(nn.Embedding):
    """A frozen table of sines and cosines.

    Args:
        size: number of positions.
        hidden: length of a row.
        layout: `interleaved` (sine, cosine, sine, ...) or `halves`.
    """

    def __init__(self, size: int, hidden: int, layout: str):
        super().__init__(size, hidden)
        self.layout = layout
        self.weight.requires_grad = False

    @torch.no_grad()
    def reset(self) -> None:
        """Fill the table."""
        table = sinusoids(self.weight.shape[0], self.weight.shape[1], self.layout)
        self.weight.copy_(torch.from_numpy(table))
