"""What can be seen of a model: its outputs, what it computes with, how it learns. One observer a backend."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import numpy as np
from tests import tiny
from tests.spec_models import (
    Said,
    build,
    differ,
    flat,
    inputs,
    is_clear,
    is_pair,
    keras_twin,
    public_of,
    saying,
    without_ids,
)

import formers

SEEDS = range(3)


class Unclear(AssertionError):
    """A model failed, and not by an error that says why."""


def attempt(compute: Callable[[], Any]) -> Any:
    """What a function gives, or the error that it raises on purpose."""
    try:
        return compute()
    except Exception as error:
        if is_clear(error):
            return f"{type(error).__name__}: {error}"
        raise Unclear(f"{type(error).__name__}: {error}") from error


class Observer:
    """What is seen of models of one class, with the inputs that the library's own spec gives.

    Args:
        name: the PyTorch class.
        config: its configuration.
        spec: what the library says about it.
    """

    def __init__(self, name: str, config: Any, spec: Said):
        self.name, self.config, self.spec = name, config, spec
        self.given = inputs(name, config)
        self.size = spec.architecture.decoding.embeddings.tokens.size
        self.capacity = spec.architecture.decoding.capacity or 40

    def calls(self) -> dict[str, dict[str, Any]]:
        """Calls that together look at everything."""
        flags = {"output_attentions": True, "output_hidden_states": True}
        found = {
            "everything": self.given | flags,
            "states alone": self.given,
            "vectors": without_ids(self.given, self.size),
            "ids alone": {key: value for key, value in self.given.items() if key.endswith("input_ids")},
        }
        if "attention_mask" in self.given:
            found["no key"] = self.given | {"attention_mask": self._masked_row()}
        if "encoder_attention_mask" in self.given:
            found["no key of the encoder"] = self.given | {"encoder_attention_mask": np.zeros((2, 5), "int32")}
        if is_pair(self.spec):
            found["no key of the decoder"] = self.given | {"decoder_attention_mask": self._masked_row()}
            found["no ids of the decoder"] = {k: v for k, v in self.given.items() if k != "decoder_input_ids"}
        labels = {label for head in self.spec.heads_of_task for label in head.labels}
        if labels and is_pair(self.spec) and self.spec.heads_of_task[0].vocabulary is not None:
            ids = self.given["input_ids"].copy()
            ids[0, 1] = -100
            found["labels"] = found["no ids of the decoder"] | dict.fromkeys(labels, ids)
        elif labels:
            found["labels"] = dict(tiny.training_inputs(self.name))
            if "attention_mask" not in found["labels"]:
                found["labels"]["attention_mask"] = np.ones(found["labels"]["input_ids"].shape, "int32")
                found["labels"]["attention_mask"][0, ..., 2] = 0
        return found

    def _masked_row(self) -> np.ndarray:
        mask = np.ones(self.given["input_ids"].shape, "int32")
        mask[0] = 0
        return mask

    def long_calls(self) -> dict[str, dict[str, Any]]:
        """Calls with as many positions as the model knows, and with one more, in each of its stacks."""
        short = {key: tiny.ids(1, 4) for key in self.given if key.endswith("input_ids")}
        return {
            f"{key} {length}": self.learning() | short | {key: tiny.ids(1, length)}
            for key in short
            for length in (self.capacity, self.capacity + 1)
        }

    def learning(self) -> dict[str, Any]:
        """What a model that learns is called with besides: its layers keep nothing."""
        return {"use_cache": False} if "use_cache" in public_of(self.name).task.inputs else {}


class TorchObserver(Observer):
    """What is seen of PyTorch models."""

    @property
    def prunes(self) -> bool:
        return any(hasattr(part, "pruned_heads") for part in self.build(self.spec).modules())

    def build(self, spec: Said) -> Any:
        return build(self.name, spec, self.config)

    def run(self, model: Any, given: dict[str, Any]) -> dict[str, np.ndarray]:
        import torch

        with torch.no_grad():
            return flat(model(**tiny.tensors(given)))

    def outputs(self, spec: Said) -> Any:
        model = self.build(spec)
        return {key: attempt(lambda given=given: self.run(model, given)) for key, given in self.calls().items()}

    def training(self, spec: Said) -> Any:
        import torch

        model, found = self.build(spec).train(), {}
        for seed in SEEDS:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(seed)
                found[seed] = attempt(lambda: self.run(model, self.calls()["everything"] | self.learning()))
        return found

    def limits(self, spec: Said) -> Any:
        model = self.build(spec)
        return {key: attempt(lambda given=given: self.run(model, given)) for key, given in self.long_calls().items()}

    def new(self, spec: Said) -> Any:
        cls = getattr(formers, self.name)
        with saying(cls, spec):
            model = tiny.build(cls, self.config)
        return {key: value.detach().numpy().copy() for key, value in model.named_parameters()}

    def state(self, spec: Said) -> Any:
        model = self.build(spec)
        shapes = {name: tuple(value.shape) for name, value in model.state_dict().items()}
        modules = [name for name, _ in model.named_modules()]
        functions = [
            f"{name}.{key}"
            for name, part in model.named_modules()
            for key, value in vars(part).items()
            if callable(value)
        ]
        return {"weights": shapes, "modules": modules, "functions": functions}

    def work(self, spec: Said, learn: bool = False) -> Any:
        model = self.build(spec).train(learn)
        seen: list[Any] = []
        for name, module in model.named_modules():
            if len(getattr(module, "weight", np.zeros(0)).shape) == 2 and not hasattr(module, "num_embeddings"):
                module.register_forward_pre_hook(
                    lambda module, args, name=name: seen.append((name, tuple(args[0].shape)))
                )
        output = model(**tiny.tensors(self.given | self.learning()))[0]
        if learn:
            output.sum().backward()
        return seen

    def recomputed(self, spec: Said) -> Any:
        return self.work(spec, learn=True)

    def gradients(self, spec: Said) -> Any:
        model = self.build(spec)
        model(**tiny.tensors(self.given | self.learning()))[0].square().sum().backward()
        return {name: p.grad.numpy() for name, p in model.named_parameters() if p.grad is not None}

    def pruned(self, spec: Said) -> Any:
        model = self.build(spec)
        if not is_pair(self.spec):
            model.prune_heads({0: [1]})
        for attention in model.modules() if is_pair(self.spec) else ():
            if hasattr(attention, "pruned_heads"):
                attention.prune_heads([1])
        return attempt(lambda: self.run(model, self.given))


class KerasObserver(Observer):
    """What is seen of Keras models, twins of PyTorch models with the same weights."""

    def __init__(self, name: str, config: Any, spec: Said):
        super().__init__(name, config, spec)
        self.taken = public_of(name).keras.inputs
        self.first: dict[str, Any] = {}  # the outputs of the first model, with which those of others are compared

    @property
    def prunes(self) -> bool:
        return not is_pair(self.spec)

    def build(self, spec: Said) -> Any:
        return keras_twin(self.name, spec, config=self.config)

    def run(self, model: Any, given: dict[str, Any], training: bool = False) -> dict[str, np.ndarray]:
        given = {key: value for key, value in given.items() if key in self.taken}
        flags = {key: value for key, value in given.items() if isinstance(value, bool)}
        return flat(model({key: given[key] for key in given if key not in flags}, training=training, **flags))

    def outputs(self, spec: Said) -> Any:
        model, calls, found = self.build(spec), self.calls(), {}
        for key, given in calls.items():
            found[key] = attempt(lambda given=given: self.run(model, given))
            if self.first and differ(found[key], self.first[key]):
                return found  # which is enough
        if len(model.heads) == 1 and "labels" in calls and not set(model.heads[0].labels) <= set(self.taken):
            labels = [calls["labels"][label] for label in self.spec.heads_of_task[0].labels]
            output = found["labels"] if isinstance(found["labels"], dict) else found["everything"]
            logits = output["/" + model.heads[0].outputs[0]]
            if len(labels) == 1:
                found["loss"] = attempt(lambda: flat(model.compute_loss(labels=labels[0], logits=logits)))
        self.first = self.first or found
        return found

    def training(self, spec: Said) -> Any:
        import keras

        model, found = self.build(spec), {}
        given = self.calls()["everything"] | self.learning()
        for seed in SEEDS[:2]:
            keras.utils.set_random_seed(seed)
            found[seed] = attempt(lambda: self.run(model, given, training=True))
        return found

    def limits(self, spec: Said) -> Any:
        model = self.build(spec)
        return {key: attempt(lambda given=given: self.run(model, given)) for key, given in self.long_calls().items()}

    def new(self, spec: Said) -> Any:
        import keras

        from formers.backends.keras import named_weights

        cls = getattr(formers, f"TF{self.name}")
        with saying(cls, spec):
            keras.utils.set_random_seed(0)
            return {name: weight.numpy() for name, weight in named_weights(cls(self.config)).items()}

    def state(self, spec: Said) -> Any:
        from formers.backends.keras import named_weights

        return {name: weight.shape for name, weight in named_weights(self.build(spec)).items()}

    def work(self, spec: Said) -> Any:
        import keras

        model, seen, plain = self.build(spec), [], keras.layers.Dense.call

        def call(layer: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append((layer.name, tuple(x.shape)))
            return plain(layer, x, *args, **kwargs)

        with patch.object(keras.layers.Dense, "call", call):
            self.run(model, self.given | self.learning())
        return seen

    def pruned(self, spec: Said) -> Any:
        model = self.build(spec)
        model.prune_heads({0: [1]})
        return attempt(lambda: self.run(model, self.given))
