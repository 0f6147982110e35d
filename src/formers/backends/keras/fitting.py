"""What Keras's `fit`, `evaluate` and `predict` do with models of several outputs, and with their caches."""
from collections.abc import Mapping
from typing import Any

import keras

from formers.architecture import Head
from formers.outputs import ModelOutput

from .calling import uncached
from .documented_losses import DocumentedLoss, documented_loss


class Fitting(keras.Model):
    """A Keras model with heads, as `compile` and `fit` see it: labels belong to the heads' outputs alone."""

    heads: tuple[Head, ...]
    _compiled_steps: Any = None

    def train_step(self, *args: Any, **kwargs: Any) -> Any:
        """Compute a step of `fit`, without keys and values."""
        with uncached():
            return super().train_step(*args, **kwargs)

    def test_step(self, *args: Any, **kwargs: Any) -> Any:
        """Compute a step of `evaluate`, without keys and values."""
        with uncached():
            return super().test_step(*args, **kwargs)

    def predict_step(self, *args: Any, **kwargs: Any) -> Any:
        """Compute a step of `predict`, without keys and values: batches of them could not be joined."""
        with uncached():
            return super().predict_step(*args, **kwargs)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None, training: bool = True,
        **documented: Any,
    ) -> Any:  # fmt: skip
        """Compute the loss of `compile`, on the heads' outputs alone, or as documented that of labels and logits.

        Args:
            x, y, y_pred, sample_weight, training: as Keras's `fit` gives them; `x` and `y` alone are labels and logits.
            **documented: `labels` and `logits`.

        Returns:
            A scalar; for labels and logits one number an example.
        """
        if y_pred is not None:
            return super().compute_loss(x, y, self._learned(y, y_pred), sample_weight, training)
        labels, logits = documented.get("labels", x), documented.get("logits", y)
        for cls in type(self).__mro__:
            if issubclass(cls, DocumentedLoss) and "compute_loss" in cls.__dict__:
                return cls.__dict__["compute_loss"](self, labels, logits)
        return documented_loss(type(self).__name__, self.heads, labels, logits)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compute the metrics of `compile` on the heads' outputs alone."""
        return super().compute_metrics(x, y, self._learned(y, y_pred), sample_weight)

    def _learned(self, y: Any, y_pred: Any) -> Any:
        """Return the outputs that labels belong to: one tensor, or several in the structure of the labels."""
        if not isinstance(y_pred, ModelOutput):
            return y_pred
        names = [name for head in self.heads for name in head.outputs]
        values = {name: y_pred[name] for name in names} or {"output": y_pred[0]}
        if isinstance(y, Mapping):
            pairs = (pair for head in self.heads for pair in zip(head.labels, head.outputs, strict=True))
            by_label: dict[Any, str] = dict(pairs)
            return {key: values[by_label.get(key, str(key))] for key in y}
        if isinstance(y, list | tuple):
            return type(y)([*values.values()][: len(y)])
        return next(iter(values.values()))

    def forget_compiled(self) -> None:
        """Drop functions that were traced with variables that are no longer there."""
        self.train_function = self.test_function = self.predict_function = self._compiled_steps = None
