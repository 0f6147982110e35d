"""Running a written graph with ONNX Runtime."""
from collections.abc import Mapping
from typing import Any

import numpy as np

from formers.frameworks import require

from .graph import Graph


class Session:
    """A graph that is ready to run.

    ONNX Runtime gets the weights as they are in memory (a map of the checkpoint file) and copies none of them for
    itself but those of matrix products, which it lays out for the processor.

    Args:
        graph: the graph.
        weights: the values of its weights by name, float32.
    """

    def __init__(self, graph: Graph, weights: Mapping[str, np.ndarray]):
        require("onnx")
        require("onnxruntime")
        import onnxruntime

        names = graph.used_weights()
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3  # errors
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights[name]) for name in names]
        options.add_external_initializers(names, values)
        self._session: Any = onnxruntime.InferenceSession(
            graph.serialize(), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = graph.used_inputs()
        self.outputs = tuple(graph.outputs)
        self.rows, self.limits = graph.rows, graph.limits

    def run(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Compute the outputs, in their order. Inputs that do not matter are left out."""
        return self._session.run(self.outputs, {name: inputs[name] for name in self._inputs})
