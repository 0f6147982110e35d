"""TensorFlow's own checkpoints (`model.ckpt.index` and `model.ckpt.data-...`), as BERT was published in.

TensorFlow is needed to read them. Names follow the rule of BERT's original code: scopes become dots, `layer_3`
becomes `layer.3`, kernels are transposed, and what belongs to the optimizer is left out.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

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


class TFCheckpoint(Checkpoint):
    """A checkpoint of TensorFlow.

    Args:
        path: Its prefix (`model.ckpt`) or its `.index` file.

    Raises:
        CheckpointError: If it is damaged or incomplete.
        ImportError: If TensorFlow is not installed.
    """

    format = "tensorflow"

    def __init__(self, path: Path) -> None:
        require("tensorflow")
        import tensorflow as tf

        prefix = path.with_suffix("") if path.suffix == ".index" else path
        try:
            self._reader = tf.train.load_checkpoint(str(prefix))
        except (tf.errors.OpError, ValueError) as error:
            raise CheckpointError(f"{prefix} is no complete TensorFlow checkpoint: {error}") from error
        self._error = tf.errors.OpError
        variables = [name for name in self._reader.get_variable_to_shape_map() if not _OPTIMIZER.search(name)]
        super().__init__(prefix, {torch_name(variable): variable for variable in sorted(variables)})

    def _shape(self, handle: str) -> tuple[int, ...]:
        shape = tuple(self._reader.get_variable_to_shape_map()[handle])
        return shape[::-1] if _is_transposed(handle) else shape

    def _read(self, handle: str, framework: Framework) -> Any:
        try:
            array = self._reader.get_tensor(handle)
        except self._error as error:
            raise CheckpointError(f"{self.path} is damaged at {handle!r}: {error}") from error
        return from_numpy(array.T.copy() if _is_transposed(handle) else array, framework)


def _is_transposed(variable: str) -> bool:
    return variable.endswith("/kernel")


def torch_name(variable: str) -> str:
    """The hub's name for a variable of an original BERT checkpoint."""
    head, _, leaf = variable.rpartition("/")
    if leaf.endswith("_embeddings"):
        head, leaf = variable, "weight"
    dotted = re.sub(r"(^|/)([A-Za-z]+)_(\d+)(?=/|$)", r"\1\2/\3", head).replace("/", ".")
    leaf = _LEAVES.get(leaf, leaf)
    return f"{dotted}.{leaf}" if dotted else leaf
