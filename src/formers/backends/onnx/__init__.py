"""The ONNX backend: models as graphs that ONNX Runtime runs, written straight from architecture and checkpoint."""
from .model import OnnxModel as OnnxModel
