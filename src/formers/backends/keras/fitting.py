"""What Keras's `fit`, `evaluate` and `predict` do with models of several outputs, and with their caches."""
from collections.abc import Mapping
from typing import Any

import keras

from formers.architecture import Head
from formers.outputs import ModelOutput

from .calling import uncached


class Fitting(keras.Model):
    """A Keras model with heads, as `compile` and `fit` see it: labels belong to the heads' outputs alone."""

    heads: tuple[Head, ...]

    def train_step(self, *args: Any, **kwargs: Any) -> Any:
        """A step of `fit`, without keys and values."""
        with uncached():
            return super().train_step(*args, **kwargs)

    def test_step(self, *args: Any, **kwargs: Any) -> Any:
        """A step of `evaluate`, without keys and values."""
        with uncached():
            return super().test_step(*args, **kwargs)

    def predict_step(self, *args: Any, **kwargs: Any) -> Any:
        """A step of `predict`, without keys and values: batches of them could not be joined."""
        with uncached():
            return super().predict_step(*args, **kwargs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True
    ) -> Any:
        """The compiled loss on the heads' outputs alone: there are no labels for hidden states and attentions."""
        return super().compute_loss(x, y, self._learned(y, y_pred), sample_weight, training)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """The compiled metrics on the heads' outputs alone."""
        return super().compute_metrics(x, y, self._learned(y, y_pred), sample_weight)

    def _learned(self, y: Any, y_pred: Any) -> Any:
        """The outputs that labels belong to: one tensor, or several in the structure of the labels."""
        if not isinstance(y_pred, ModelOutput):
            return y_pred
        names = [name for head in getattr(self, "heads", ()) for name in head.outputs]
        values = {name: y_pred[name] for name in names} or {"output": y_pred[0]}
        if isinstance(y, Mapping):
            pairs = (pair for head in self.heads for pair in zip(head.labels, head.outputs, strict=True))
            by_label = dict(pairs)
            return {key: values[by_label.get(key, key)] for key in y}
        if isinstance(y, list | tuple):
            return type(y)([*values.values()][: len(y)])
        return next(iter(values.values()))
