"""What Keras's `fit`, `evaluate` and `predict` do with models of several outputs, and with their caches."""
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import keras
from keras import ops

from formers.architecture import Head
from formers.outputs import ModelOutput

from . import supervision
from .calling import uncached
from .data import as_data
from .documented_losses import DocumentedLoss, documented_loss


class Fitting(keras.Model):
    """A Keras model with heads, as `compile` and `fit` see it: labels belong to the heads' outputs alone."""

    heads: tuple[Head, ...]
    names: ClassVar[tuple[str, ...]]
    task: ClassVar[Any]
    _compiled_steps: Any = None
    _supervised_by: Mapping[str, Any] = MappingProxyType({})

    def compile(
        self, optimizer: Any = "rmsprop", loss: Any = None, loss_weights: Any = None, metrics: Any = None,
        weighted_metrics: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        """Say how the model learns.

        Args:
            optimizer: as for any model of Keras.
            loss: one for all outputs of the heads, or by their names. A list over all outputs of the model has None for
                those without labels (`[loss, *[None] * number_of_hidden_states]`). Without one, the model learns by its
                own loss of the labels among its inputs.
            loss_weights, metrics, weighted_metrics: one for all, by names, or lists as `loss`.
            **kwargs: what `keras.Model.compile` takes.

        Raises:
            ValueError: an output without labels has a loss.
        """
        if loss is None and kwargs.get("jit_compile", "auto") == "auto":
            kwargs["jit_compile"] = False  # XLA does not compile labels that are left out
        given = {"loss": loss, "loss_weights": loss_weights, "metrics": metrics, "weighted_metrics": weighted_metrics}
        if self.task is not None:
            names = supervision.output_names(self.heads)
            given = {key: supervision.for_outputs(key, value, names) for key, value in given.items()}
        self._supervised_by = MappingProxyType(given)
        self._compile_loss = self._compile_metrics = None  # Keras would keep those of a compile() before
        super().compile(optimizer, **given, **kwargs)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compile as a saved model was."""
        if type(self).compile is not Fitting.compile:  # a user's: Keras tells that it cannot call it
            super().compile_from_config(config)
            return
        self.compile(**keras.saving.deserialize_keras_object(config))
        if self.built and self.optimizer is not None:
            self.optimizer.build(self.trainable_variables)

    def fit(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Train as Keras does; the data may also be what a tokenizer returns, and lists of numbers."""
        if "validation_data" in kwargs:
            kwargs["validation_data"] = self._data("validation_data", kwargs["validation_data"])
        return super().fit(self._data("x", x), self._data("y", y), *args, **kwargs)

    def evaluate(self, x: Any = None, y: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Compute losses and metrics as Keras does; the data may also be what `fit` takes."""
        return super().evaluate(self._data("x", x), self._data("y", y), *args, **kwargs)

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute the outputs in batches as Keras does; the data may also be what `fit` takes."""
        return super().predict(self._data("x", x), *args, **kwargs)

    def _data(self, name: str, given: Any) -> Any:
        return as_data(type(self).__name__, name, given)

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
            if isinstance(y_pred, ModelOutput):
                if self._supervised_by.get("loss") is None:
                    return self._own_loss(y, y_pred)
                y, y_pred = self._matched(x, y, y_pred, "loss")
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        labels, logits = documented.get("labels", x), documented.get("logits", y)
        for cls in type(self).__mro__:
            if issubclass(cls, DocumentedLoss) and "compute_loss" in cls.__dict__:
                return cls.__dict__["compute_loss"](self, labels, logits)
        return documented_loss(type(self).__name__, self.heads, labels, logits)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> dict[str, Any]:
        """Compute the metrics of `compile` on the heads' outputs alone."""
        given = self._supervised_by
        if isinstance(y_pred, ModelOutput) and (given.get("metrics") or given.get("weighted_metrics")):
            y, y_pred = self._matched(x, y, y_pred, "metrics" if given["metrics"] else "weighted_metrics")
        return super().compute_metrics(x, y, y_pred, sample_weight)

    def _matched(self, x: Any, y: Any, y_pred: ModelOutput, compiled: str) -> tuple[Any, Any]:
        """Return labels and the outputs that they belong to; labels may be among the inputs."""
        labels = supervision.labels_by_output(self.heads)
        if y is None and isinstance(x, Mapping):
            y = {label: x[label] for label in labels.values() if label in self.names and x.get(label) is not None}
        if y is None or (isinstance(y, Mapping) and not y):
            raise ValueError(
                f"there are no labels to learn from: call fit(x, y){self._or_among_inputs()}, or leave the loss and "
                "the metrics out of compile()"
            )
        names = supervision.output_names(self.heads)
        outputs = {name: y_pred[name] for name in names} if self.heads else {names[0]: y_pred[0]}
        return supervision.match(y, outputs, labels, self._supervised_by[compiled])

    def _own_loss(self, y: Any, y_pred: ModelOutput) -> Any:
        """Return the mean of the loss that the model computes of the labels among its inputs."""
        found = [y_pred[name] for name in dict.fromkeys(head.loss_name for head in self.heads) if name in y_pred]
        if not self.losses and (y is not None or not found):
            what = "found labels as y" if y is not None else "found no labels"
            raise ValueError(
                f"{type(self).__name__} was compiled without a loss, {what}: pass one, as "
                "compile(optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True)) and fit(x, y)"
                f"{self._or_among_inputs()}"
            )
        losses = [*map(_mean, found), *map(ops.sum, self.losses)]
        # The gradients of several replicas are added, and Keras multiplies what it shows by their number.
        strategy = getattr(self, "distribute_strategy", None)
        return sum(losses) / (1 if strategy is None else strategy.num_replicas_in_sync)

    def _or_among_inputs(self) -> str:
        labels = [label for label in supervision.labels_by_output(self.heads).values() if label in self.names]
        inputs = "".join(f', "{label}": ...' for label in labels)
        return f', or give {" and ".join(labels)} among the inputs: fit({{"input_ids": ...{inputs}}})' if labels else ""

    def forget_compiled(self) -> None:
        """Drop functions that were traced with variables that are no longer there."""
        self.train_function = self.test_function = self.predict_function = self._compiled_steps = None


def _mean(losses: Any) -> Any:
    """Return the mean of losses; 0 where no label counts."""
    losses = ops.cast(losses, "float32")
    return ops.sum(losses) / ops.maximum(ops.cast(ops.size(losses), "float32"), 1.0)
