"""Weights that are parameters no more: kept in a form that only products read, for models that are done learning.

A form is a `FixedWeight` that knows its own product; `FixedLinear` and `FixedTable` make it stand in for the layers of
a model. Values can be read and saved, and cannot be changed.
"""
from collections.abc import Callable
from typing import Any, ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..leaves import Conv1D


class FixedWeight(nn.Module):
    """A matrix as a factor of products.

    Args:
        weight: *Shape:* `[out, in]`.
    """

    form: ClassVar[str]
    """What was done to it, for messages."""
    without: ClassVar[str]
    """How to load a model whose weights are parameters, for messages."""
    transposed = False
    """Whether the parameter was `[in, out]`; the weight appears as it was."""

    def __init__(self, weight: Tensor):
        super().__init__()
        self.out_features, self.in_features = weight.shape

    def values(self) -> Tensor:
        """Return a copy of the matrix in float32. *Shape:* `[out, in]`."""
        raise NotImplementedError

    def multiply(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Compute `x @ weight.T + bias`, without gradients. *Shape:* `[..., in]` to `[..., out]`."""
        raise NotImplementedError

    def product(self, x: Tensor, bias: Tensor | None) -> Tensor:
        """Compute `x @ weight.T + bias`; gradients flow to `x`. *Shape:* `[..., in]` to `[..., out]`."""
        if torch.is_grad_enabled() and x.requires_grad:
            return F.linear(x, self.values().to(x.dtype), bias)
        return self.multiply(x, bias)

    @property
    def weight(self) -> Tensor:
        """The matrix in float32, a copy. *Shape:* that of the parameter, `[out, in]` or `[in, out]`."""
        return self.values().t().contiguous() if self.transposed else self.values()

    @weight.setter
    def weight(self, value: Any) -> None:
        self._refuse()

    def _refuse(self) -> None:
        raise TypeError(f"these weights are {self.form} and cannot be replaced: load the model {self.without}")

    def register_parameter(self, name: str, param: nn.Parameter | None) -> None:
        """Register a parameter as every module does, but for the weight."""
        if name == "weight":
            self._refuse()
        super().register_parameter(name, param)

    def _save_to_state_dict(self, destination: dict[str, Any], prefix: str, keep_vars: bool) -> None:
        super()._save_to_state_dict(destination, prefix, keep_vars)
        destination[prefix + "weight"] = self.weight

    def _load_from_state_dict(self, state: dict[str, Any], prefix: str, *args: Any) -> None:
        if prefix + "weight" in state:
            raise TypeError(
                f"{prefix}weight is {self.form} and takes no other values: load the model {self.without}, give it the "
                "state dict, and save it"
            )
        super()._load_from_state_dict(state, prefix, *args)

    def check_move(self, to: Tensor) -> None:
        """Raise if the weight cannot go where `to` is, or be of its type.

        Raises:
            ValueError: naming what was asked for.
        """
        if to.device.type != "cpu":
            raise ValueError(f"weights that are {self.form} stay on the CPU; found the device {str(to.device)!r}")

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "FixedWeight":
        self.check_move(fn(torch.zeros(0)))
        return super()._apply(fn, recurse)


class FixedLinear(FixedWeight):
    """A linear layer with a fixed weight; stands before a form. *Shape:* `[..., in]` to `[..., out]`.

    Args:
        layer: the layer that it stands in for.
    """

    def __init__(self, layer: nn.Linear | Conv1D):
        weight, transposed = layer.weight.detach(), isinstance(layer, Conv1D)
        super().__init__(weight.t().contiguous() if transposed else weight)
        self.transposed = transposed
        self.bias = layer.bias

    def forward(self, x: Tensor) -> Tensor:
        """Compute `x @ weight.T + bias`."""
        return self.product(x, self.bias)


class FixedTable(FixedWeight):
    """Fixed token embeddings, which also score the tokens; stands before a form.

    *Shape:* ids `[...]` to `[..., size]`.

    Args:
        table: the table that it stands in for.
    """

    def __init__(self, table: nn.Embedding):
        super().__init__(table.weight.detach())
        self.embedding_dim = table.embedding_dim

    @property
    def num_embeddings(self) -> int:
        """Not for this table: who asks wants to resize it."""
        raise TypeError(f"token embeddings that are {self.form} cannot be resized: load the model {self.without}")


def fix_(model: Any, make_linear: Any, make_table: Any, every_table: bool) -> None:
    """Let fixed weights stand in for a model's linear layers and token embeddings, in place.

    Args:
        model: the model.
        make_linear, make_table: give what stands in for a linear layer and for an `nn.Embedding`.
        every_table: also for token embeddings that are only looked up in; else for those that score the vocabulary.
    """
    # A model made of two has token embeddings in each.
    owners: Any = [module for module in model.modules() if hasattr(module, "scores_by_token_embeddings")]
    tables = {id(owner.get_input_embeddings()) for owner in owners if every_table or owner.scores_by_token_embeddings}
    uses: dict[int, list[tuple[nn.Module, str]]] = {}
    for parent in model.modules():
        for name, child in parent._modules.items():
            if isinstance(child, nn.Linear | Conv1D) or id(child) in tables:
                uses.setdefault(id(child), []).append((parent, name))
    # One after another: the memory of each layer is free before that of the next is needed.
    for shared in uses.values():
        old: Any = shared[0][0]._modules[shared[0][1]]
        new = make_table(old) if isinstance(old, nn.Embedding) else make_linear(old)
        for parent, name in shared:
            setattr(parent, name, new)
        del old
