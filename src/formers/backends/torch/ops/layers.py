"""Operations on the parts of a model: linear layers, norms, embeddings, dropout, activations.

A part is a module of the tree, found there for every call. One of PyTorch's own, without hooks, is an operation, which
may be computed by the quickest way; anything else is called.
"""
import sys
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules import module as _of_all

from formers.network.errors import missing_part

from ..activations import get_activation
from ..leaves import Conv1D, InPlaceOfPositional, Positional, T5LayerNorm
from ..storage.fixed import FixedTable
from .products import product, product_in_out

_FORWARD, _FORWARD_PRE = _of_all._global_forward_hooks, _of_all._global_forward_pre_hooks
_BACKWARD, _BACKWARD_PRE = _of_all._global_backward_hooks, _of_all._global_backward_pre_hooks


def is_untouched(module: nn.Module) -> bool:
    """Tell whether nobody looks at, or changes, what goes into and comes out of a module."""
    own = module.__dict__  # quicker than attributes; a step of generation asks this a hundred times
    return not (
        own["_forward_hooks"]
        or own["_forward_pre_hooks"]
        or own["_backward_hooks"]
        or own["_backward_pre_hooks"]
        or _FORWARD
        or _FORWARD_PRE
        or _BACKWARD
        or _BACKWARD_PRE
        or "forward" in own
    )


def linear(part: Any, x: Tensor) -> Tensor:
    """Compute a linear layer. *Shape:* `[..., in]` to `[..., out]`."""
    kind = type(part)
    if kind is nn.Linear:
        if is_untouched(part):
            return product(x, part.weight, part.bias)
    elif kind is Conv1D and is_untouched(part):
        return product_in_out(x, part.weight, part.bias)
    elif part is None:
        raise missing_part("a linear layer")
    return part(x)


def norm(part: nn.Module, x: Tensor) -> Tensor:
    """Compute a norm. *Shape:* `[..., hidden]`."""
    if type(part) is nn.LayerNorm and is_untouched(part):
        # Fewer calls in Python than the module has: a step of generation has dozens of norms.
        return torch.layer_norm(x, part.normalized_shape, part.weight, part.bias, part.eps)
    if type(part) is T5LayerNorm and is_untouched(part):
        return T5LayerNorm.forward(part, x)
    if part is None:
        raise missing_part("a norm")
    return part(x)


def dropout(part: Any, x: Tensor, rate: float, training: bool) -> Tensor:
    """Drop values in training.

    Args:
        part: a module, a rate of its own, or None for `rate`.
        x: the values.
        rate: the rate of the spec.
        training: whether the container of the part is trained.
    """
    if isinstance(part, nn.Module):
        if type(part) is not nn.Dropout or not is_untouched(part):
            return part(x)
        return F.dropout(x, part.p, True) if part.training and part.p else x
    rate = rate if part is None else part
    return F.dropout(x, rate, True) if training and rate else x


def dropout_of(part: Any, rate: float, training: bool) -> Callable[[Tensor], Tensor]:
    """Return the dropout of attention weights; its `rate` is 0.0 where nothing is dropped."""
    return AttentionDropout(part, rate, training)


class AttentionDropout:
    """The dropout of attention weights: a function, and a rate for products that drop by themselves.

    Args:
        part, rate, training: as for `dropout`.
    """

    __slots__ = ("_part", "_spec_rate", "_training", "rate")

    def __init__(self, part: Any, rate: float, training: bool):
        self._part, self._spec_rate, self._training = part, rate, training
        self.rate: float | None
        if isinstance(part, nn.Module):
            plain = type(part) is nn.Dropout and is_untouched(part)
            self.rate = (part.p if part.training else 0.0) if plain else None  # type: ignore[assignment]
        else:
            self.rate = (rate if part is None else part) if training else 0.0

    def __call__(self, weights: Tensor) -> Tensor:
        """Drop attention weights."""
        return dropout(self._part, weights, self._spec_rate, self._training)


def activate(part: Any, name: str, x: Tensor) -> Tensor:
    """Apply an activation: a module or function of the tree, or that of the name."""
    return get_activation(name)(x) if part is None else part(x)


def embed(part: nn.Embedding, ids: Tensor, name: str) -> Tensor:
    """Look vectors up.

    Args:
        part: the embeddings.
        ids: *Shape:* `[...]`.
        name: what the caller calls them.

    Returns:
        *Shape:* `[..., size]`.

    Raises:
        IndexError: ids are out of range; naming the range (on the CPU: an accelerator cannot).
        TypeError: they are not whole numbers.
        ValueError: there are no embeddings.
    """
    if part is None:
        raise missing_part("an embedding")
    try:
        if isinstance(part, Positional) and is_untouched(part):
            return F.embedding(ids, part.weight, part.padding_idx)
        return part(ids)
    except IndexError as error:
        if not isinstance(part, nn.Embedding):
            raise
        low, high, last = int(ids.min()), int(ids.max()), part.weight.shape[0] - 1
        advice = ""
        if name == "input_ids":
            advice = (
                ": check that the tokenizer belongs to the model; after adding tokens call "
                "model.resize_token_embeddings(len(tokenizer))"
            )
        raise IndexError(f"{name} go from {low} to {high}, but the model knows 0 to {last}{advice}") from error


def rows(part: nn.Embedding) -> int:
    """Return the number of rows of embeddings; of a module without a table, a number that nothing reaches."""
    weight = getattr(part, "weight", None)
    return sys.maxsize if weight is None else weight.shape[0]


def first_row(part: nn.Module) -> Tensor:
    """Return the vector of id 0. *Shape:* `[size]` or `[1, 1, size]`."""
    if type(part) is nn.Embedding and is_untouched(part):
        return part.weight[0]
    return part(torch.zeros(1, 1, dtype=torch.long, device=next(part.parameters()).device))


def consecutive_rows(part: Any, constant: Any, start: int, hidden: Tensor, ids: Tensor | None) -> Tensor:
    """Return the vectors of consecutive positions.

    Args:
        part: the embeddings, or None.
        constant: a computed table in their place.
        start: row of the first position.
        hidden: one position of it is one row. *Shape:* `[batch, seq, size]`.
        ids: the token ids, perhaps with all before them, for modules that look at their shape.

    Returns:
        *Shape:* `[seq, size]`, or with a batch axis.
    """
    length = hidden.shape[1]
    if constant is not None:
        return constant.on(hidden.device, hidden.dtype)[start : start + length]
    if isinstance(part, Positional | InPlaceOfPositional):
        if isinstance(part, Positional) and is_untouched(part):
            return part.weight[start : start + length]
        module = part.module if isinstance(part, InPlaceOfPositional) else part
        given = start - part.offset
        if ids is None or ids.shape[1] != given + length:
            ids = hidden.new_zeros(hidden.shape[0], given + length, dtype=torch.long)
        return module(ids, use_cache=True) if given and length == 1 else module(ids)[..., given:, :]
    if type(part) is nn.Embedding and is_untouched(part):
        return part.weight[start : start + length]
    return part(torch.arange(start, start + length, device=hidden.device)[None])


def take_rows(constant: Any, ids: Tensor, like: Tensor | None = None) -> Tensor:
    """Return rows of a computed table by their indices."""
    return constant.on(ids.device, None if like is None else like.dtype)[ids]


def token_scores(part: Any, x: Tensor, bias: Tensor) -> Tensor:
    """Score the vocabulary by the token embeddings. *Shape:* `[..., size]` to `[..., vocabulary]`."""
    if isinstance(part, FixedTable):
        return part.product(x, bias[0])
    weight = part.weight if hasattr(part, "weight") else next(part.parameters())  # in a module of a user
    return product(x, weight, bias[0])
