"""Steps of generation, compiled once for inputs of all lengths.

Uncompiled, every small operation of every layer is looked at again in each step, which takes several times as long as
the operations themselves. Only TensorFlow compiles for lengths that are not known: elsewhere steps run as they are.
"""
from collections.abc import Callable
from typing import Any

import keras
from keras import ops

from formers.architecture import Stack
from formers.network.caches import Cache

from . import ops as backend

Step = Callable[[dict[str, Any]], Any]

# Axes whose lengths change: rows and positions, of ids, masks and states, and of keys and values.
_CHANGING = {2: (0, 1), 3: (0, 1), 4: (0, 2)}


class CompiledSteps:
    """A function of a model's arguments, compiled for each set of arguments that there is.

    Args:
        step: the function; it takes arguments by name, and adds to the `cache` among them.
    """

    def __init__(self, step: Step):
        self._step = step
        self._compiled: dict[Any, Any] = {}

    def __call__(self, inputs: dict[str, Any]) -> Any:
        """Run a step.

        Args:
            inputs: tensors by name, or other values that the compiled function depends on, and `cache`: a `Cache`
                that holds something of each layer, or None.

        Returns:
            What the step gives.
        """
        if keras.backend.backend() != "tensorflow":
            return self._step(inputs)
        import tensorflow as tf

        cache: Cache | None = inputs["cache"]
        inputs = inputs | {"cache": None if cache is None else cache.tensors()}
        form = tf.nest.map_structure(_form, inputs)
        key = (*sorted(inputs), *tf.nest.flatten(form))
        if key not in self._compiled:
            self._compiled[key] = self._compile(form)
        output, held = self._compiled[key](*filter(tf.is_tensor, tf.nest.flatten(inputs)))
        if cache is not None:
            cache.hold(held)
        return output

    def _compile(self, form: Any) -> Any:
        """The compiled function of all tensors in `inputs` that have this form."""
        import tensorflow as tf

        leaves = tf.nest.flatten(form)

        @tf.function(input_signature=[leaf for leaf in leaves if isinstance(leaf, tf.TensorSpec)], autograph=False)
        def compiled(*tensors: Any) -> tuple[Any, Any]:
            rest = iter(tensors)
            values = [next(rest) if isinstance(leaf, tf.TensorSpec) else leaf for leaf in leaves]
            inputs = tf.nest.pack_sequence_as(form, values)
            held = inputs["cache"]
            if held is None:
                return self._step(inputs), None
            inputs["cache"] = cache = Cache(backend, len(held))
            cache.hold(held)
            return self._step(inputs), cache.tensors()

        return compiled


def _form(value: Any) -> Any:
    """What stays the same of a value from step to step."""
    import tensorflow as tf

    if not tf.is_tensor(value):
        return value
    changing = _CHANGING[len(value.shape)]
    return tf.TensorSpec([None if axis in changing else size for axis, size in enumerate(value.shape)], value.dtype)


def fill_empty(cache: Cache, decoder: Stack, rows: int, dtype: str) -> None:
    """Let a cache hold keys and values of no position, which is the form of all that it will hold.

    Args:
        cache: a cache of the decoder.
        decoder: its spec.
        rows: number of rows.
        dtype: type of the states.
    """
    for held, step in zip(cache.self_attention, decoder.steps, strict=True):
        attention = decoder.layers[step].self_attention
        if held.is_empty and attention is not None:
            nothing = ops.zeros((rows, attention.heads, 0, attention.head_size), dtype)
            held.append(nothing, nothing)
