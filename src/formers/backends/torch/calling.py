"""What stands around a call of a model: documented arguments, and the config that a task needs."""
from collections.abc import Callable
from typing import Any

from formers.architecture import Task
from formers.calling import FLAGS, bind, documented_signature
from formers.configuration import PretrainedConfig
from formers.network import model as network
from formers.network.shapes import flatten, regroup
from formers.outputs import ModelOutput

from . import ops

# Arguments that are not a single tensor.
_STRUCTURES = ("use_cache", "head_mask", "encoder_outputs")


def documented_forward(cls: type, task: Task) -> Callable[..., ModelOutput]:
    """Return `forward` with the documented arguments of a task."""
    names = task.inputs
    tensors = [name for name in names if name not in (*FLAGS, *_STRUCTURES, task.cache)]

    def forward(self: Any, *args: Any, first_only: bool = False, **kwargs: Any) -> ModelOutput:
        kwargs.pop("return_dict", None)  # outputs have names in any case
        inputs = bind(cls.__name__, names, args, kwargs, task.renamed)
        for name in names:
            inputs.setdefault(name, None)
        for name in tensors:
            if inputs[name] is not None:
                ops.check_tensor(inputs[name], name)
        for flag in FLAGS:
            if inputs[flag] is None:
                inputs[flag] = getattr(self.config, flag)
        if "use_cache" in inputs and inputs["use_cache"] is None:
            inputs["use_cache"] = self.config.use_cache if task.caching is None else task.caching
        self.complete(inputs)
        lead = flatten(ops, inputs) if task.any_shape else None
        if task.heads is None:
            outputs = network.run_base(self, inputs, first_only)
        else:
            outputs = network.run_heads(self, inputs, lead)
        return outputs if lead is None else regroup(ops, outputs, lead, task.flat_outputs)

    if task.heads is None:
        forward.knows_first_only = True  # type: ignore[attr-defined]
    forward.__signature__ = documented_signature(names, bool(task.renamed))  # type: ignore[attr-defined]
    forward.__qualname__ = f"{cls.__qualname__}.forward"
    forward.__doc__ = "Run the model; the outputs are named as in the documentation of the class."
    return forward


def check_decoder(model: Any, task: Task, config: PretrainedConfig) -> None:
    """Raise if a task for decoders, or for encoders, gets a config of the other kind."""
    if task.decoder is not None and bool(config.is_decoder) != task.decoder:
        raise AssertionError(
            f"{type(model).__name__} needs a config with is_decoder={task.decoder}, found {bool(config.is_decoder)}"
        )
