"""TensorFlow's own checkpoints (`model.ckpt.index` and `model.ckpt.data-...`), as the authors of models published them.

TensorFlow is needed to read them. Every family's code named its variables in another way: a rule leads from the
name of a variable to the hub's. BERT's is here, because others took it over: scopes become dots, `layer_3` becomes
`layer.3`, kernels are transposed, and what belongs to the optimizer is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from formers.architecture.names import Rule, Variable
from formers.checkpoint.base import Checkpoint, CheckpointError, Framework, from_numpy
from formers.frameworks import require

TF_WEIGHTS_NAME = "model.ckpt"

_OPTIMIZER = re.compile(r"(^|/)(global_step|adam_[mv]|AdamWeightDecayOptimizer(_1)?|Adam(_1)?|beta[12]_power)(/|$)")
_LEAVES = {
    "kernel": "weight",
    "output_weights": "weight",
    "gamma": "weight",
    "beta": "bias",
    "output_bias": "bias",
}


def bert_rule(variable: str) -> Variable | None:
    """Return the rule of BERT's original code."""
    if _OPTIMIZER.search(variable):
        return None
    head, _, leaf = variable.rpartition("/")
    transposed = leaf == "kernel"
    if leaf.endswith("_embeddings"):
        head, leaf = variable, "weight"
    dotted = re.sub(r"(^|/)([A-Za-z]+)_(\d+)(?=/|$)", r"\1\2/\3", head).replace("/", ".")
    leaf = _LEAVES.get(leaf, leaf)
    return Variable(f"{dotted}.{leaf}" if dotted else leaf, transposed)


class TFCheckpoint(Checkpoint):
    """A checkpoint of TensorFlow.

    Args:
        path: Its prefix (`model.ckpt`) or its `.index` file.
        rule: The names of its variables; BERT's if there is none.

    Raises:
        CheckpointError: If it is damaged or incomplete.
        ImportError: If TensorFlow is not installed.
    """

    format = "tensorflow"

    def __init__(self, path: Path, rule: Rule | None = None) -> None:
        require("tensorflow")
        import tensorflow as tf

        prefix = path.with_suffix("") if path.suffix == ".index" else path
        try:
            self._reader = tf.train.load_checkpoint(str(prefix))
        except (tf.errors.OpError, ValueError) as error:
            raise CheckpointError(f"{prefix} is not a complete TensorFlow checkpoint: {error}") from error
        self._error = tf.errors.OpError
        self._shapes = self._reader.get_variable_to_shape_map()
        found = {variable: (rule or bert_rule)(variable) for variable in sorted(self._shapes)}
        super().__init__(prefix, {ours.name: (name, ours) for name, ours in found.items() if ours is not None})

    def _shape(self, handle: tuple[str, Variable]) -> tuple[int, ...]:
        name, ours = handle
        shape = tuple(self._shapes[name])
        shape = shape[1:] if ours.squeezed and shape[:1] == (1,) else shape
        return shape[::-1] if ours.transposed else shape

    def _read(self, handle: tuple[str, Variable], framework: Framework) -> Any:
        name, ours = handle
        try:
            array = self._reader.get_tensor(name)
        except self._error as error:
            raise CheckpointError(f"{self.path} is damaged at {name!r}: {error}") from error
        array = array[0] if ours.squeezed and array.shape[:1] == (1,) else array
        return from_numpy(array.T.copy() if ours.transposed else array, framework)
