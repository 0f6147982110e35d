"""Running a model on NumPy arrays: the only place where a pipeline meets a framework."""

from __future__ import annotations

import gc
import inspect
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

logger = logging.getLogger(__name__)


class Execution(Protocol):
    """A model that takes and returns NumPy arrays.

    Attributes:
        accepted: Names of the inputs that the model takes, or None if it takes any.
        max_tokens: Tokens of a batch that suit the device.
        overhead: Cost of one more batch, in tokens.
    """

    accepted: frozenset[str] | None
    max_tokens: int
    overhead: int

    def __call__(self, inputs: Mapping[str, np.ndarray], outputs: int = 1, at: np.ndarray | None = None) -> tuple:
        """Call the model without gradients.

        Args:
            inputs: int64 arrays `[batch, seq]` by name.
            outputs: How many of the model's outputs to return.
            at: One position a row, int64 `[batch]`: return `output[row, at[row]]` only.

        Returns:
            float32 arrays `[batch, ...]`.
        """
        ...

    def generate(self, inputs: Mapping[str, np.ndarray], arguments: Mapping[str, Any]) -> np.ndarray:
        """Let the model write.

        Args:
            inputs: int64 arrays `[batch, seq]` by name.
            arguments: Further arguments of the model's `generate`.

        Returns:
            Token ids, int64 `[batch * sequences, length]`.
        """
        ...

    def tensor(self, array: np.ndarray) -> Any:
        """Make the framework's tensor, on the CPU, of an array."""
        ...

    def width(self, longest: int) -> int:
        """Return the length to pad a batch to whose longest input has `longest` tokens."""
        ...

    def is_out_of_memory(self, error: Exception) -> bool:
        """Tell whether a call failed because the batch was too large; frees what can be freed if so."""
        ...

    def placement(self) -> Any:
        """Return a context in which tensors are made on the model's device."""
        ...


def execution_for(model: Any, framework: str, device: Any = -1) -> Execution:
    """Make the execution of a model.

    Args:
        model: A PyTorch module or a Keras model.
        framework: `"pt"` or `"tf"`.
        device: -1 for the CPU, the index of an accelerator, or a name such as `"cuda:0"`; PyTorch: a `torch.device`.
    """
    if framework == "pt":
        return TorchExecution(model, device)
    if framework == "tf":
        return TensorFlowExecution(model, device)
    raise ValueError(f"framework is {framework!r}, expected 'pt' (PyTorch) or 'tf' (TensorFlow)")


def _accepted(function: Any) -> frozenset[str] | None:
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters):
        return None
    return frozenset(parameter.name for parameter in parameters)


class TorchExecution:
    """A PyTorch model in inference mode.

    Args:
        model: The module; it is moved to the device and put into evaluation mode.
        device: See `execution_for`.
    """

    def __init__(self, model: Any, device: Any = -1) -> None:
        import torch

        self.device = self._device(device)
        self.model = model.to(self.device).eval()
        self.accepted = _accepted(model.forward)
        if self.device.type == "cpu":
            _warn_of_slow_type(next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32))
        # An accelerator is filled by a large batch, and each batch has a price; a CPU is busy with a few sentences.
        self.max_tokens, self.overhead = (4096, 32) if self.device.type == "cpu" else (32768, 2048)

    def _device(self, device: Any) -> Any:
        import torch

        if isinstance(device, int):
            device = "cpu" if device < 0 else f"cuda:{device}"
        device = torch.device(device)
        count = torch.cuda.device_count()
        if device.type == "cuda" and (device.index or 0) >= count:
            raise ValueError(
                f"device {str(device)!r} is not there: this PyTorch ({torch.__version__}) sees {count} CUDA devices; "
                "device=-1 runs on the CPU"
            )
        return device

    def __call__(self, inputs: Mapping[str, np.ndarray], outputs: int = 1, at: np.ndarray | None = None) -> tuple:
        """See `Execution`."""
        import torch

        with torch.inference_mode():
            tensors = {name: torch.from_numpy(array).to(self.device) for name, array in inputs.items()}
            results = tuple(self.model(**tensors))[:outputs]
            if at is not None:
                rows = torch.arange(len(at), device=self.device)
                columns = torch.from_numpy(at).to(self.device)
                results = tuple(result[rows, columns] for result in results)
            return tuple(result.float().cpu().numpy() for result in results)

    def generate(self, inputs: Mapping[str, np.ndarray], arguments: Mapping[str, Any]) -> np.ndarray:
        """See `Execution`."""
        import torch

        with torch.inference_mode(), self.placement():
            tensors = {name: torch.from_numpy(array).to(self.device) for name, array in inputs.items()}
            return self.model.generate(**tensors, **arguments).cpu().numpy()

    def tensor(self, array: np.ndarray) -> Any:
        """See `Execution`."""
        import torch

        return torch.from_numpy(array)

    def width(self, longest: int) -> int:
        """Return the longest input's own length: PyTorch takes any."""
        return longest

    def is_out_of_memory(self, error: Exception) -> bool:
        """Tell whether the allocator of the device or of the CPU gave up."""
        import torch

        # The CPU's allocator raises no class of exceptions that says so.
        found = isinstance(error, torch.OutOfMemoryError | MemoryError) or (
            isinstance(error, RuntimeError)
            and any(sign in str(error) for sign in ("out of memory", "can't allocate memory", "not enough memory"))
        )
        if found:
            gc.collect()
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
        return found

    @contextmanager
    def placement(self) -> Iterator[None]:
        """Make the model's accelerator the current one."""
        if self.device.type == "cuda":
            import torch

            with torch.cuda.device(self.device):
                yield
        else:
            yield


def _warn_of_slow_type(dtype: Any) -> None:
    """Say so where a half-precision model runs on a processor that must imitate its arithmetic."""
    import torch

    if dtype in (torch.bfloat16, torch.float16) and torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2"):
        logger.warning(
            "This processor has no instructions for %s: the model runs several times slower than in float32. "
            "Leave dtype out, or use it on a newer processor or an accelerator.",
            str(dtype).removeprefix("torch."),
        )


class TensorFlowExecution:
    """A Keras model on TensorFlow.

    The model is traced once for each set of inputs, with batch and length left open, so that a list of texts of
    different lengths neither traces it again nor needs more padding than its batches have.

    Args:
        model: The model; called as `model(inputs, training=False)` with a dict of tensors.
        device: See `execution_for`.
    """

    max_tokens, overhead = 8192, 256

    def __init__(self, model: Any, device: Any = -1) -> None:
        self.model = model
        self.accepted = _accepted(model.call)
        if self.accepted is not None and "inputs" in self.accepted:
            # The first argument has all inputs in a dict; where others are named too, it takes no more than those.
            named = self.accepted - {"inputs", "training"}
            self.accepted = named | {"input_ids"} if named else None
        self.device = device if isinstance(device, str) else "/CPU:0" if device < 0 else f"/device:GPU:{device}"
        self._traced: dict[tuple[Any, ...], Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_traced": {}}  # graphs are made again where they are needed

    def __call__(self, inputs: Mapping[str, np.ndarray], outputs: int = 1, at: np.ndarray | None = None) -> tuple:
        """See `Execution`."""
        import tensorflow as tf

        with self.placement():
            tensors = {name: self.tensor(array) for name, array in inputs.items()}
            results = self._function(frozenset(tensors), outputs)(tensors)
            if at is not None:
                results = tuple(tf.gather(result, at, axis=1, batch_dims=1) for result in results)
            return tuple(tf.cast(result, tf.float32).numpy() for result in results)

    def generate(self, inputs: Mapping[str, np.ndarray], arguments: Mapping[str, Any]) -> np.ndarray:
        """See `Execution`."""
        with self.placement():
            tensors = {name: self.tensor(array) for name, array in inputs.items()}
            return self.model.generate(**tensors, **arguments).numpy().astype(np.int64)

    def tensor(self, array: np.ndarray) -> Any:
        """See `Execution`."""
        import tensorflow as tf

        return tf.constant(array, dtype=tf.int32 if array.dtype.kind in "iu" else None)

    def _function(self, names: frozenset[str], outputs: int) -> Any:
        """Return the model as a graph for inputs of these names."""
        import tensorflow as tf

        if (names, outputs) not in self._traced:

            def first_outputs(tensors: Any) -> tuple:
                return tuple(self.model(tensors, training=False))[:outputs]

            signature = [{name: tf.TensorSpec([None, None], tf.int32) for name in names}]
            self._traced[names, outputs] = tf.function(first_outputs, input_signature=signature, autograph=False)
        return self._traced[names, outputs]

    def width(self, longest: int) -> int:
        """Return the longest input's own length: the graph takes any."""
        return longest

    def is_out_of_memory(self, error: Exception) -> bool:
        """Tell whether TensorFlow reports exhausted resources."""
        import tensorflow as tf

        return isinstance(error, tf.errors.ResourceExhaustedError | MemoryError)

    def placement(self) -> Any:
        """Return TensorFlow's own device context."""
        import tensorflow as tf

        return tf.device(self.device)
