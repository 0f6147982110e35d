"""One vector of a sequence."""
from typing import Any

import keras
from keras import ops

from .activations import get_activation
from .construction import normal


class TFSequenceSummary(keras.layers.Layer):
    """Reduces the hidden states of a sequence to one vector, as the config's `summary_*` attributes say.

    Args:
        config: has `summary_type` (`last`, `first`, `mean` or `cls_index`), `summary_use_proj`,
            `summary_proj_to_labels`, `summary_activation`, `summary_first_dropout` and `summary_last_dropout`.
        initializer_range: standard deviation of fresh weights.
        **kwargs: passed to the Keras layer.

    Raises:
        ValueError: the summary type is unknown.
    """

    def __init__(self, config: Any, initializer_range: float = 0.02, **kwargs: Any):
        super().__init__(**kwargs)
        self.summary_type = getattr(config, "summary_type", "last")
        if self.summary_type not in ("last", "first", "mean", "cls_index"):
            raise ValueError(
                f"summary_type is {self.summary_type!r}; expected 'last', 'first', 'mean' or 'cls_index'"
            )
        self.summary = None
        if getattr(config, "summary_use_proj", False):
            to_labels = getattr(config, "summary_proj_to_labels", False) and config.num_labels > 0
            size = config.num_labels if to_labels else config.hidden_size
            self.summary = keras.layers.Dense(size, kernel_initializer=normal(initializer_range), name="summary")
        activation = getattr(config, "summary_activation", None)
        self.activation = get_activation(activation) if activation else None
        self.first_dropout = keras.layers.Dropout(getattr(config, "summary_first_dropout", 0.0))
        self.last_dropout = keras.layers.Dropout(getattr(config, "summary_last_dropout", 0.0))

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Summarise.

        Args:
            inputs: hidden states, *shape* `[..., seq, hidden]`; or a tuple, list or dict of them (`hidden_states`) and
                for `cls_index` of the positions to take (`cls_index`), *shape* `[...]`, the last by default.
            training: drop values.

        Returns:
            *Shape:* `[..., size]`.
        """
        if isinstance(inputs, dict):
            hidden, index = inputs["hidden_states"], inputs.get("cls_index")
        elif isinstance(inputs, list | tuple):
            hidden, index = (*inputs, None)[:2]
        else:
            hidden, index = inputs, None
        x = self.first_dropout(self._reduce(hidden, index), training=training)
        if self.summary is not None:
            x = self.summary(x)
        if self.activation is not None:
            x = self.activation(x)
        return self.last_dropout(x, training=training)

    def _reduce(self, hidden: Any, index: Any) -> Any:
        if self.summary_type == "mean":
            return ops.mean(hidden, axis=-2)
        if self.summary_type == "first":
            return hidden[..., 0, :]
        if self.summary_type == "last" or index is None:
            return hidden[..., -1, :]
        if len(index.shape) == len(hidden.shape) - 1:  # an axis of length one where the sequence was
            index = index[..., 0]
        index = ops.cast(index, "int32")[..., None, None]
        return ops.take_along_axis(hidden, index, axis=-2)[..., 0, :]
