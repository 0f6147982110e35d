"""Embeddings with another number of rows, and models with another number of tokens."""
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from formers.architecture import TokenScores

from .storage.fixed import FixedWeight


def resize_vocabulary(model: Any, tokens: int) -> None:
    """Give the token embeddings of a model, and its scores of the vocabulary, so many rows; see `resize_embedding`.

    Raises:
        ValueError: there would be no token.
        TypeError: the weights are fixed.
    """
    table: Any = model.get_input_embeddings()
    output = model.get_output_embeddings()
    if isinstance(output, FixedWeight):
        raise TypeError(f"a model whose weights are {output.form} cannot be resized: load it {output.without}")
    if tokens == table.num_embeddings:
        return
    if tokens < 1:
        raise ValueError(f"new_num_tokens is {tokens}; a vocabulary has at least one token")
    model.set_input_embeddings(resize_embedding(table, tokens, model._init_weights))
    _resize_output(model, output, tokens)
    model.config.vocab_size = tokens
    model.tie_weights()


def _resize_output(model: Any, output: Any, tokens: int) -> None:
    vocabulary = model._vocabulary()
    if isinstance(vocabulary, TokenScores):
        fixed = getattr(model, vocabulary.bias)
        setattr(model, vocabulary.bias, resize_rows(fixed[0], tokens).detach()[None])
        return
    if output is None or vocabulary is None:
        return
    if output.bias is not None:
        _resize_bias(output.bias, tokens)
    if not vocabulary.tied:
        grown = nn.Embedding.from_pretrained(output.weight.detach(), freeze=not output.weight.requires_grad)
        output.weight = resize_embedding(grown, tokens, model._init_weights).weight
    output.out_features = tokens


@torch.no_grad()
def resize_embedding(table: nn.Embedding, rows: int, init: Callable[[nn.Module], None]) -> nn.Embedding:
    """Return a table of `rows` rows; the first ones are those of `table`, new ones come from `init`."""
    pad = table.padding_idx if table.padding_idx is not None and table.padding_idx < rows else None
    resized = nn.Embedding(rows, table.embedding_dim, pad, device=table.weight.device, dtype=table.weight.dtype)
    init(resized)
    kept = min(rows, table.num_embeddings)
    resized.weight[:kept] = table.weight[:kept]
    resized.weight.requires_grad = table.weight.requires_grad
    return resized


def tie_or_copy(output: Any, table: Any, copied: bool) -> None:
    """Give a layer that scores the vocabulary the weight of the token embeddings, and its bias as many rows.

    Args:
        output: the layer.
        table: the token embeddings.
        copied: copy the weight rather than share it, for traces.
    """
    output.weight = nn.Parameter(table.weight.detach().clone()) if copied else table.weight
    rows = table.weight.shape[0]
    if getattr(output, "bias", None) is not None and output.bias.shape[0] != rows:
        _resize_bias(output.bias, rows)
    if hasattr(output, "out_features"):
        output.out_features = rows


def _resize_bias(bias: nn.Parameter, rows: int) -> None:
    """Give a bias so many values in place: several modules may share it."""
    bias.data, bias.grad = resize_rows(bias, rows).data, None


@torch.no_grad()
def resize_rows(parameter: nn.Parameter, rows: int) -> nn.Parameter:
    """Return a vector of `rows` values; the first ones are those of `parameter`, new ones are 0."""
    resized = parameter.new_zeros(rows)
    kept = min(rows, parameter.shape[0])
    resized[:kept] = parameter[:kept]
    return nn.Parameter(resized, parameter.requires_grad)
