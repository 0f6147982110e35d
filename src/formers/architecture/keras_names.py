"""How Keras names the weights of a model, and the hub's names of the same.

`tf_bert_for_pre_training/mlm___cls/predictions/transform/dense/kernel:0` is `cls.predictions.transform.dense.weight`.
One rule reads all names (`torch_name`). The other way needs to know a little of each family: a `KerasLayout`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

_LEAVES = {"kernel": "weight", "embeddings": "weight", "gamma": "weight", "beta": "bias"}


def torch_name(variable: str) -> str:
    """Return the hub's name for a Keras variable.

    The model's own name in front and `:0` at the end are dropped; of `mlm___cls` the second part counts; `layer_._0`
    is two parts; the kinds of weights have one name each in Keras, and only `weight` and `bias` in PyTorch.
    """
    parts = [part.rpartition("___")[2] for part in variable.removesuffix(":0").split("/")[1:]]
    head, dot, leaf = ".".join(parts).replace("_._", ".").rpartition(".")
    return head + dot + _LEAVES.get(leaf, leaf)


def is_transposed(variable: str) -> bool:
    """Tell whether Keras keeps a variable as the transpose of PyTorch's: `[in, out]` where that is `[out, in]`."""
    return variable.removesuffix(":0").endswith("/kernel") or "/emb_projs" in variable or "/out_projs" in variable


def is_row(variable: str, shape: tuple[int, ...]) -> bool:
    """Tell whether Keras keeps PyTorch's vector as a matrix of one row (the biases of GPT's `Conv1D`)."""
    return variable.removesuffix(":0").endswith("/bias") and len(shape) == 2 and shape[0] == 1


@dataclass(frozen=True)
class KerasLayout:
    """What the hub's names do not tell about the Keras names of a family.

    Patterns are those of a shell (`*` also matches dots). Without an entry a matrix called `weight` is a `kernel`, a
    vector called `weight` is a norm's `gamma`, a `bias` beside that is its `beta`, and each first part of the names is
    a Keras layer of that name.

    Args:
        paths: Prefix of the hub's names -> the path that Keras has for it, in Keras's order and after all others.
        leaves: Pattern -> what Keras calls the last part, the first match counts.
        rows: Patterns of vectors that Keras keeps as a matrix of one row.
        omitted: Patterns of names that Keras does not have: tied copies and buffers.
        repeated: Prefix of the hub's names of a layer -> prefix of other weights that it lists again at its end,
            because it is tied to them.
        copies: Name of a weight -> name of the one that it is a copy of, in models that tie the two.
        parts: Order of parts of the names that stand beside each other, such as `ln_1` and `attn`, where it is not that
            of the weights that are given.
        outside: Keras layers whose variables begin with the layer's name, not with the model's.
        last: Prefixes of weights that their layer lists after all others. Otherwise the order is that of the hub's
            PyTorch files; readers of the original library match the weights of a layer by their order.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    leaves: Mapping[str, str] = field(default_factory=dict)
    rows: tuple[str, ...] = ()
    omitted: tuple[str, ...] = ()
    repeated: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    last: tuple[str, ...] = ()

    def layers(
        self, class_name: str, shapes: Mapping[str, tuple[int, ...]], tied: Collection[str] = ()
    ) -> dict[str, dict[str, str]]:
        """Return the Keras layers of a model and their variables.

        Args:
            class_name: The TensorFlow class, such as `"TFBertForMaskedLM"`.
            shapes: The hub's name of each weight -> its shape, in the order of the hub's PyTorch files, with the
                prefix of the base model (`bert.`) even where the class is the base model itself.
            tied: Those of `copies` that are copies in this model; they are left out.

        Returns:
            Layer -> variable -> the hub's name of its weight.
        """
        model = model_name(class_name)
        names = [name for name in shapes if name not in tied and not _matches(name, self.omitted)]
        if self.parts:
            names = self._by_parts(names)
        names.sort(key=self._rank)  # stable
        layers: dict[str, dict[str, str]] = {}
        for name in names:
            path = self._path(name, shapes)
            layer = path.partition("/")[0]
            root = layer if layer in self.outside else model
            layers.setdefault(layer, {})[f"{root}/{path}:0"] = name
        for owner, tied in self.repeated.items():
            for layer in {self._path(name, shapes).partition("/")[0] for name in names if _is_below(name, owner)}:
                for name in names:
                    if _is_below(name, tied):
                        layers[layer][f"{model}/{self._path(name, shapes)}:0"] = name
        return layers

    def _by_parts(self, names: list[str]) -> list[str]:
        """Return names in the order of their parts; among those without one, what is given first comes first."""
        order = {part: index for index, part in enumerate(self.parts, start=1)}
        first: dict[tuple[str, ...], int] = {}
        keys = {}
        for index, name in enumerate(names):
            parts = tuple(name.split("."))
            steps = [parts[:end] for end in range(1, len(parts) + 1)]
            keys[name] = [(order.get(step[-1], 0), first.setdefault(step, index)) for step in steps]
        return sorted(names, key=keys.__getitem__)

    def _rank(self, name: str) -> tuple[int, bool]:
        indices = [i for i, prefix in enumerate(self.paths, start=1) if _is_below(name, prefix)]
        return max(indices, default=0), bool(self.last) and name.startswith(self.last)

    def _path(self, name: str, shapes: Mapping[str, tuple[int, ...]]) -> str:
        """Return Keras's path of a weight, without the model's name."""
        head, _, leaf = name.rpartition(".")
        path = ""
        for prefix, instead in self.paths.items():
            if _is_below(name, prefix):
                head, path = head[len(prefix) :].lstrip("."), instead
        steps = path.split("/") if path else []
        for part in head.split(".") if head else []:
            if part.isdigit() and steps:  # a number is one step with the list that it counts
                steps[-1] += f"_._{part}"
            else:
                steps.append(part)
        return "/".join([*steps, self._leaf(name, leaf, shapes)])

    def _leaf(self, name: str, leaf: str, shapes: Mapping[str, tuple[int, ...]]) -> str:
        for pattern, keras in self.leaves.items():
            if fnmatchcase(name, pattern):
                return keras
        weight = shapes.get(name.removesuffix(leaf) + "weight", ())
        if leaf == "weight":
            return "gamma" if len(weight) == 1 else "kernel"
        return "beta" if leaf == "bias" and len(weight) == 1 else leaf

    def is_row(self, name: str) -> bool:
        """Tell whether Keras keeps the vector of that name as a matrix of one row."""
        return _matches(name, self.rows)


def model_name(class_name: str) -> str:
    """Return what Keras calls a model of a class: `TFBertForMaskedLM` is `tf_bert_for_masked_lm`."""
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", class_name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)


def _is_below(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")
