"""Helpers that code written for the documented Keras classes imports."""
import functools
from typing import Any

import keras
from keras import ops

from formers.configuration import PretrainedConfig

DUMMY_INPUTS = [[7, 6, 0, 0, 1], [1, 2, 3, 0, 0], [0, 0, 0, 4, 5]]
MULTIPLE_CHOICE_DUMMY_INPUTS = [[[0], [1]], [[0], [1]]]


def shape_list(x: Any) -> list[Any]:
    """Return the lengths of a tensor's axes: numbers where they are known, scalar tensors where they are not."""
    return list(ops.shape(x))


def get_initializer(initializer_range: float = 0.02) -> keras.initializers.Initializer:
    """Return what gives values from N(0, `initializer_range`), cut off at two standard deviations."""
    return keras.initializers.TruncatedNormal(stddev=initializer_range)


def cast_bool_to_primitive(bool_variable: Any, default_tensor_to_true: bool = False) -> Any:
    """Return a truth value of Python for one that may be a tensor.

    Args:
        bool_variable: a tensor, or anything else, which is returned as it is.
        default_tensor_to_true: a tensor in a compiled function, which has no value, is True; else it is returned.
    """
    if not keras.ops.is_tensor(bool_variable):
        return bool_variable
    if hasattr(bool_variable, "numpy"):
        return bool(bool_variable.numpy())
    return True if default_tensor_to_true else bool_variable


class TFConv1D(keras.layers.Layer):
    """A linear layer with a weight `[in, out]` and a bias `[1, out]`. *Shape:* `[..., nx]` to `[..., nf]`.

    Args:
        nf: number of outputs.
        nx: number of inputs.
        initializer_range: standard deviation of new weights.
        **kwargs: passed to the Keras layer.
    """

    def __init__(self, nf: int, nx: int, initializer_range: float = 0.02, **kwargs: Any):
        super().__init__(**kwargs)
        self.nf, self.nx, self.initializer_range = nf, nx, initializer_range

    def build(self, input_shape: Any = None) -> None:
        """Create the weights."""
        initializer = get_initializer(self.initializer_range)
        self.weight = self.add_weight(shape=(self.nx, self.nf), initializer=initializer, name="weight")
        self.bias = self.add_weight(shape=(1, self.nf), initializer="zeros", name="bias")

    def call(self, x: Any) -> Any:
        """Compute `x @ weight + bias`."""
        return ops.matmul(x, self.weight) + self.bias[0]

    def get_config(self) -> dict[str, Any]:
        """Return what the layer can be made from again."""
        return super().get_config() | {name: getattr(self, name) for name in ("nf", "nx", "initializer_range")}


def keras_serializable(cls: type) -> type:
    """Let Keras save and load a custom layer that is made from a configuration.

    Args:
        cls: a Keras layer whose first argument is a configuration, and which has a `config_class`.

    Returns:
        The same class: it also takes the dict of a configuration, and `get_config` has that dict.

    Raises:
        AttributeError: the class has no `config_class`.
    """
    kind: Any = cls
    config_class = getattr(kind, "config_class", None)
    if config_class is None:
        raise AttributeError(f"{cls.__name__} has no config_class, which saving needs: set it, to BertConfig say")
    plain_init, plain_config = kind.__init__, kind.get_config

    @functools.wraps(plain_init)
    def init(self: Any, config: Any, *args: Any, **kwargs: Any) -> None:
        config = config if isinstance(config, PretrainedConfig) else config_class.from_dict(config)
        plain_init(self, config, *args, **kwargs)
        self._serialized_config = config

    def get_config(self: Any) -> dict[str, Any]:
        return {**plain_config(self), "config": self._serialized_config.to_dict()}

    kind.__init__, kind.get_config, kind._keras_serializable = init, get_config, True
    return keras.saving.register_keras_serializable(package=cls.__module__)(cls)
