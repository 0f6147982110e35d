"""Tables with another number of rows."""
from collections.abc import Callable

import torch
from torch import nn


@torch.no_grad()
def resize_embedding(table: nn.Embedding, rows: int, init: Callable[[nn.Module], None]) -> nn.Embedding:
    """A table of `rows` rows; the first ones are those of `table`, new ones come from `init`."""
    pad = table.padding_idx if table.padding_idx is not None and table.padding_idx < rows else None
    resized = nn.Embedding(rows, table.embedding_dim, pad, device=table.weight.device, dtype=table.weight.dtype)
    init(resized)
    kept = min(rows, table.num_embeddings)
    resized.weight[:kept] = table.weight[:kept]
    resized.weight.requires_grad = table.weight.requires_grad
    return resized


@torch.no_grad()
def resize_rows(parameter: nn.Parameter, rows: int) -> nn.Parameter:
    """A vector of `rows` numbers; the first ones are those of `parameter`, new ones are 0."""
    resized = parameter.new_zeros(rows)
    kept = min(rows, parameter.shape[0])
    resized[:kept] = parameter[:kept]
    return nn.Parameter(resized, parameter.requires_grad)
