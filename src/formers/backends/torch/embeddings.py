"""The embedding block: ids to the first hidden states."""
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from formers.architecture import Embeddings as EmbeddingsSpec
from formers.architecture import Learned, PaddingAware, Sinusoid, TypeTable, WordTypes
from formers.architecture.sinusoids import sinusoids

from .norms import build_norm


class Embeddings(nn.Module):
    """Words, positions and types, summed, normed, dropped out.

    Args:
        spec: see `formers.architecture.Embeddings`.
        tokens: a table of words to share; a new one by default.
    """

    def __init__(self, spec: EmbeddingsSpec, tokens: nn.Embedding | None = None):
        super().__init__()
        self.spec = spec
        self.tokens = nn.Embedding(spec.vocabulary, spec.size, padding_idx=spec.pad) if tokens is None else tokens
        self.positions: nn.Embedding | None = None
        self.types: nn.Embedding | None = None
        match spec.positions:
            case Learned(size, offset):
                self.positions = nn.Embedding(size + offset, spec.size)
            case PaddingAware(size, pad):
                self.positions = nn.Embedding(size, spec.size, padding_idx=pad)
            case Sinusoid(size, layout, stored=True):
                self.positions = SinusoidTable(size, spec.size, layout)
        self._sinusoids: Tensor | None = None  # those that no file holds; they follow the model at the first use
        if isinstance(spec.positions, Sinusoid) and not spec.positions.stored:
            values = torch.from_numpy(sinusoids(spec.positions.size, spec.size, spec.positions.layout))
            self._sinusoids = values.to("cpu", torch.get_default_dtype())
        if isinstance(spec.types, TypeTable):
            self.types = nn.Embedding(spec.types.size, spec.size)
        self.LayerNorm = build_norm(spec.norm, spec.size) if spec.norm else None

    def forward(
        self,
        input_ids: Tensor | None = None,
        inputs_embeds: Tensor | None = None,
        token_type_ids: Tensor | None = None,
        position_ids: Tensor | None = None,
        start: int = 0,
    ) -> Tensor:
        """Embed ids, or vectors in their place.

        Args:
            input_ids: *Shape:* `[batch, seq]`.
            inputs_embeds: *Shape:* `[batch, seq, size]`.
            token_type_ids, position_ids: *Shape:* `[batch, seq]`; zeros, and the positions of the spec, by default.
            start: the first position, where there are none.

        Returns:
            *Shape:* `[batch, seq, size]`.
        """
        if inputs_embeds is not None and self.spec.embeds_replace == "block":
            return inputs_embeds
        if inputs_embeds is None:
            assert input_ids is not None
            hidden = _rows(self.tokens, input_ids, "input_ids")
        else:
            hidden = inputs_embeds
            if hidden.shape[-1] != self.tokens.embedding_dim:
                raise ValueError(
                    f"inputs_embeds has shape {tuple(hidden.shape)}; expected [batch, seq, {self.tokens.embedding_dim}]"
                )
        for name, ids in (("token_type_ids", token_type_ids), ("position_ids", position_ids)):
            if ids is not None and ids.shape[-1] != hidden.shape[1]:
                raise ValueError(f"{name} has shape {tuple(ids.shape)}, but the input has {hidden.shape[1]} positions")
        if self.spec.scale != 1.0:
            hidden = hidden * self.spec.scale
        if self.spec.positions is not None:
            ids = input_ids if inputs_embeds is None else None
            hidden = hidden + self._positions(hidden, ids, position_ids, start)
        if isinstance(self.spec.types, WordTypes):
            if token_type_ids is not None:
                hidden = hidden + _rows(self.tokens, token_type_ids, "token_type_ids") * self.spec.scale
        elif self.types is not None and token_type_ids is not None:
            hidden = hidden + _rows(self.types, token_type_ids, "token_type_ids")
        elif self.types is not None:
            hidden = hidden + self.types.weight[0]
        if self.LayerNorm is not None:
            hidden = self.LayerNorm(hidden)
        return F.dropout(hidden, self.spec.dropout, self.training)

    def _positions(
        self, hidden: Tensor, input_ids: Tensor | None, position_ids: Tensor | None, start: int
    ) -> Tensor:
        spec, table = self.spec.positions, self._position_table(hidden)
        if position_ids is None:
            end = start + hidden.shape[1]
            first = spec.offset if isinstance(spec, Learned) else 0
            if isinstance(spec, PaddingAware):
                first = spec.pad + 1
                if input_ids is not None:
                    real = (input_ids != spec.pad).int()
                    position_ids = ((real.cumsum(1).type_as(real) + start) * real).long() + spec.pad
            if first + end > len(table):
                raise ValueError(
                    f"the input has {end} positions, but the model knows {len(table) - first}: "
                    "truncate the input (truncation=True) or split it"
                )
            if position_ids is None:
                return table[first + start : first + end]
        elif isinstance(spec, Learned) and spec.offset:
            position_ids = position_ids + spec.offset
        return table[position_ids] if self.positions is None else _rows(self.positions, position_ids, "position_ids")

    def _position_table(self, hidden: Tensor) -> Tensor:
        """*Shape:* `[positions, size]`."""
        if self.positions is not None:
            return self.positions.weight
        assert self._sinusoids is not None
        if self._sinusoids.device != hidden.device or self._sinusoids.dtype != hidden.dtype:
            self._sinusoids = self._sinusoids.to(hidden.device, hidden.dtype)
        return self._sinusoids


def _rows(table: nn.Embedding, ids: Tensor, name: str) -> Tensor:
    """Rows of a table; where they are out of range the error says what was looked for (an accelerator cannot)."""
    try:
        return table(ids)
    except IndexError as error:
        low, high, last = int(ids.min()), int(ids.max()), table.num_embeddings - 1
        advice = ""
        if name == "input_ids":
            advice = (
                ": check that the tokenizer belongs to the model; after adding tokens call "
                "model.resize_token_embeddings(len(tokenizer))"
            )
        raise IndexError(f"{name} go from {low} to {high}, but the model knows 0 to {last}{advice}") from error


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
