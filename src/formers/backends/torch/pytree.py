"""Making the library's outputs known to PyTorch as structures of tensors: for `torch.export`, `vmap` and others."""
from typing import Any

from torch.utils import _pytree

from formers.outputs import ModelOutput, flatten, unflatten


def register_output() -> None:
    """Let PyTorch see the tensors inside a `ModelOutput`."""
    if ModelOutput in _pytree.SUPPORTED_NODES:
        return
    _pytree.register_pytree_node(
        ModelOutput,
        _flatten,
        _unflatten,
        serialized_type_name="formers.outputs.ModelOutput",
        to_dumpable_context=_to_json,
        from_dumpable_context=_from_json,
        flatten_with_keys_fn=_flatten_with_keys,
    )


def _flatten(output: ModelOutput) -> tuple[list[Any], Any]:
    values, structure = flatten(output)
    return list(values), structure


def _unflatten(values: Any, structure: Any) -> ModelOutput:
    return unflatten(structure, values)


def _flatten_with_keys(output: ModelOutput) -> tuple[list[Any], Any]:
    values, structure = _flatten(output)
    return [(_pytree.SequenceKey(index), value) for index, value in enumerate(values)], structure


def _to_json(structure: Any) -> Any:
    names, absent = structure
    return [list(names), sorted(absent)]


def _from_json(found: Any) -> Any:
    names, absent = found
    return tuple(names), frozenset(absent)
