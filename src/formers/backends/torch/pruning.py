"""Linear layers with some inputs or outputs kept; attentions, and models, with some heads."""
import inspect
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from formers.architecture import SelfAttention, SingleStack, Sublayer
from formers.network.layer import Step

from .containers import Steps
from .leaves import Conv1D
from .tree import find


def prune_linear_layer(layer: nn.Linear, index: Tensor, dim: int = 0) -> nn.Linear:
    """Return a linear layer with the outputs (`dim=0`) or inputs (`dim=1`) of `index` only."""
    weight = layer.weight.detach().index_select(dim, index.to(layer.weight.device))
    pruned = nn.Linear(weight.shape[1], weight.shape[0], layer.bias is not None, device="meta")
    pruned.weight = nn.Parameter(weight, layer.weight.requires_grad)
    if layer.bias is not None:
        bias = layer.bias.detach()
        pruned.bias = nn.Parameter(bias[index] if dim == 0 else bias.clone(), layer.bias.requires_grad)
    return _as_before(pruned, layer)


def prune_conv1d_layer(layer: Conv1D, index: Tensor, dim: int = 1) -> Conv1D:
    """Return a `Conv1D` with the outputs (`dim=1`) or inputs (`dim=0`) of `index` only."""
    weight = layer.weight.detach().index_select(dim, index.to(layer.weight.device))
    pruned = Conv1D(weight.shape[1], weight.shape[0])
    bias = layer.bias.detach()
    pruned.weight = nn.Parameter(weight, layer.weight.requires_grad)
    pruned.bias = nn.Parameter(bias[index] if dim == 1 else bias.clone(), layer.bias.requires_grad)
    return _as_before(pruned, layer)


def _as_before(pruned: Any, layer: nn.Module) -> Any:
    if "init_std" in layer.__dict__:
        pruned.init_std = layer.init_std
    return pruned.train(layer.training)


def prune_layer(layer: nn.Linear | Conv1D, index: Tensor, dim: int | None = None) -> nn.Linear | Conv1D:
    """Keep the entries of `index` along `dim` of a layer (its outputs by default).

    Raises:
        ValueError: the layer is of another kind.
    """
    if isinstance(layer, nn.Linear):
        return prune_linear_layer(layer, index, 0 if dim is None else dim)
    if isinstance(layer, Conv1D):
        return prune_conv1d_layer(layer, index, 1 if dim is None else dim)
    raise ValueError(f"can prune Linear and Conv1D layers, not {type(layer).__name__}")


def find_pruneable_heads_and_indices(
    heads: Iterable[int], n_heads: int, head_size: int, already_pruned_heads: Iterable[int]
) -> tuple[set[int], Tensor]:
    """Find which heads are still to be pruned, and what is kept.

    Args:
        heads: heads to prune, by their indices in the full attention, from the end if negative.
        n_heads: number of heads left.
        head_size: size of a head.
        already_pruned_heads: heads that are gone, likewise.

    Returns:
        The heads that are not gone yet, and the indices of the outputs that stay. *Shape:* `[kept]`.

    Raises:
        IndexError: there are no such heads.
    """
    already_pruned_heads = set(already_pruned_heads)
    total = n_heads + len(already_pruned_heads)
    gone = {head % total for head in already_pruned_heads}
    wrong = sorted(head for head in heads if not -total <= head < total)
    if wrong:
        raise IndexError(f"cannot prune heads {wrong}: the attention has heads 0 to {total - 1}")
    wanted = {head for head in heads if head % total not in gone}
    left = [head for head in range(total) if head not in gone]
    kept = [index for index, head in enumerate(left) if head not in {head % total for head in wanted}]
    index = torch.cat([torch.arange(at * head_size, (at + 1) * head_size) for at in kept] or [torch.arange(0)])
    return wanted, index


def prunes_by_itself(model: nn.Module) -> bool:
    """Tell whether a model has a `_prune_heads` that is not the library's."""
    prune = getattr(model, "_prune_heads", None)
    return prune is not None and not inspect.unwrap(prune).__module__.startswith("formers.")


def prune_model(model: Any, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
    """Remove attention heads of a model, and note them in its configuration; see `PreTrainedModel.prune_heads`."""
    base, pruned = model.base_model, model.config.pruned_heads
    gone = {index: sorted({*pruned.get(index, []), *heads}) for index, heads in heads_to_prune.items()}
    if prunes_by_itself(base):
        pruned.update(gone)
        base._prune_heads(heads_to_prune)
        return
    for index, heads in heads_to_prune.items():
        prune_layers(base, {index: heads})
        pruned[index] = gone[index]


def prune_layers(base: Any, heads_to_prune: Mapping[int, Iterable[int]]) -> None:
    """Remove attention heads of a base model.

    Args:
        base: the model.
        heads_to_prune: index of a layer, from the end if negative -> indices of its heads, as in the full model.

    Raises:
        IndexError: there is no such layer.
        NotImplementedError: the model has an encoder and a decoder, or is custom.
    """
    if not isinstance(getattr(base, "spec", None), SingleStack):
        raise NotImplementedError(
            f"{type(base).__name__} cannot prune heads: it is not documented which of its attentions a layer index "
            "means. Define _prune_heads, pass a head_mask, or call prune_heads of an attention in the tree"
        )
    layers, _ = base.parts().modules()
    for index, heads in heads_to_prune.items():
        if not -len(layers) <= index < len(layers):
            raise IndexError(f"cannot prune layer {index}: the model has layers 0 to {len(layers) - 1}")
        prune_attention(layers[index], set(heads))


def prune_attention(layer: nn.Module, heads: set[int]) -> None:
    """Remove heads of the self-attention of a layer; those that are gone already are passed over.

    Args:
        layer: a layer, or a container of its attention.
        heads: indices of heads in the full attention, from the end if negative.

    Raises:
        IndexError: there are no such heads.
        ValueError: there is no attention whose heads could be pruned.
    """
    holders = [
        module
        for module in layer.modules()
        if isinstance(module, Steps)
        and isinstance(module.spec, Sublayer)
        and isinstance(module.spec.block, SelfAttention)
        and module.spec.name == "attention"
    ]
    mixers = [holder for holder in holders if holder.first_step <= Step.MIX <= holder.last_step]
    if not mixers:
        raise ValueError(f"{type(layer).__name__} has no attention whose heads could be pruned")
    block: SelfAttention = mixers[-1].spec.block  # type: ignore[assignment]
    heads, index = find_pruneable_heads_and_indices(heads, block.heads, block.head_size, block.pruned)
    if not heads:
        return
    inner = block.heads * block.head_size
    changes: dict[str, tuple[Tensor, int]] = {
        "query": (index, 0), "key": (index, 0), "value": (index, 0), "output": (index, 1),
        "qkv": (torch.cat([index, index + inner, index + 2 * inner]), 0),
    }  # fmt: skip
    done: set[int] = set()
    for holder in holders:
        for name, (kept, axis) in changes.items():
            path = holder.table.paths.get(name)
            if path is None:
                continue
            owner: Any = find(holder, path[:-1])
            old = owner._modules[path[-1]]
            if id(old) in done:
                continue
            dim = 1 - axis if isinstance(old, Conv1D) else axis
            new = prune_layer(old, kept, dim)
            done.add(id(new))
            setattr(owner, path[-1], new)
    pruned = replace(block, heads=block.heads - len(heads), pruned=block.pruned | heads)
    for holder in holders:
        holder.spec = replace(holder.spec, block=pruned)
        holder.settled()
