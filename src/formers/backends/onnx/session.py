"""Running a written graph with ONNX Runtime."""
from collections.abc import Mapping
from typing import Any

import numpy as np

from formers.frameworks import require

from .graph import Graph
from .serializing import serialize
from .weights import Weights

FOLDER = "session.model_external_initializers_file_folder_path"
"""ONNX Runtime's word for the folder that weights are read from."""


class Session:
    """A graph that is ready to run.

    Args:
        graph: the graph.
        weights: the values of its weights.

    Raises:
        CheckpointError: a file of weights changed since the model was loaded.
        ImportError: ONNX Runtime is not installed.
    """

    def __init__(self, graph: Graph, weights: Weights):
        require("onnx")
        require("onnxruntime")
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4  # what fails raises, and the message says why
        given = [name for name in graph.used_weights() if name in weights.arrays]
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(weights.arrays[name]) for name in given]
        options.add_external_initializers(given, values)
        if weights.folder is not None:
            options.add_session_config_entry(FOLDER, str(weights.folder))
        weights.check_files()
        self._session: Any = onnxruntime.InferenceSession(
            serialize(graph, weights.ranges), options, providers=["CPUExecutionProvider"]
        )
        self._inputs = graph.used_inputs()
        self.outputs, self.absent = tuple(graph.outputs), graph.absent
        self.rows, self.limits = graph.rows, graph.limits

    def run(self, inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Compute the outputs, in their order. Inputs that do not matter are left out."""
        return self._session.run(self.outputs, {name: inputs[name] for name in self._inputs})
