"""Making the library's outputs known to the frameworks that take structures of tensors apart."""
from typing import Any

import keras

from formers.outputs import ModelOutput

_registered = False


def register_output() -> None:
    """Let Keras (and JAX) see the tensors inside a `ModelOutput`."""
    global _registered
    if _registered:
        return
    _registered = True
    import optree

    optree.register_pytree_node(ModelOutput, _flatten, _unflatten, namespace="keras")
    if keras.backend.backend() == "jax":
        import jax

        jax.tree_util.register_pytree_node(ModelOutput, _flatten, _unflatten)


def _flatten(output: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return tuple(output), (output._names, output._absent)


def _unflatten(fields: Any, values: Any) -> ModelOutput:
    values = tuple(values)
    names, absent = fields
    first = len(values) - len(names)
    return ModelOutput(values[:first], **dict(zip(names, values[first:], strict=True)), **dict.fromkeys(absent))
