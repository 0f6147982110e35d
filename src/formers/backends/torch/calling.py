"""What stands around a call of a model: documented arguments, choices, and the config that a task needs."""
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from torch import Tensor

from formers.architecture import Task
from formers.calling import FLAGS, bind, documented_signature
from formers.configuration import PretrainedConfig
from formers.outputs import ModelOutput

if TYPE_CHECKING:
    from .model import PreTrainedModel


def documented_forward(cls: type, task: Task) -> Callable[..., ModelOutput]:
    """`forward` with the documented arguments of a task."""
    names = task.inputs

    def forward(self: Any, *args: Any, first_token_only: bool = False, **kwargs: Any) -> ModelOutput:
        inputs = bind(cls.__name__, names, args, kwargs, task.renamed)
        for name in names:
            inputs.setdefault(name, None)
        for flag in FLAGS:
            if inputs[flag] is None:
                inputs[flag] = getattr(self.config, flag)
        if "use_cache" in inputs and inputs["use_cache"] is None:
            inputs["use_cache"] = self.config.use_cache if task.caching is None else task.caching
        alone = _add_batch_axis(self, inputs)
        outputs = self._run_base(inputs, first_token_only) if task.heads is None else self._run_heads(inputs)
        return _without_batch_axis(outputs) if alone else outputs

    if task.heads is None:
        forward.knows_first_token_only = True  # type: ignore[attr-defined]
    forward.__signature__ = documented_signature(names, bool(task.renamed))  # type: ignore[attr-defined]
    forward.__qualname__ = f"{cls.__qualname__}.forward"
    forward.__doc__ = "Run the model; the outputs are named as in the documentation of the class."
    return forward


def _add_batch_axis(model: Any, inputs: dict[str, Any]) -> bool:
    """Make a batch of a single text `[seq]`, which decoders take; say whether it was one."""
    ids = inputs.get("input_ids")
    if not isinstance(ids, Tensor) or ids.dim() != 1:
        return False
    stack = getattr(model.base_model, "stack", None)
    if stack is None or not stack.layers[0].attention.block.causal:
        return False
    for name in ("input_ids", "attention_mask", "token_type_ids", "position_ids", "labels"):
        value = inputs.get(name)
        if value is not None and value.dim() == 1:
            inputs[name] = value.unsqueeze(0)
    return True


def _without_batch_axis(outputs: ModelOutput) -> ModelOutput:
    """Outputs for a single text; a cache keeps its form, and a loss has no batch."""

    def first(name: str, value: Any) -> Any:
        if name == "past_key_values" or "loss" in name:
            return value
        return tuple(part[0] for part in value) if isinstance(value, tuple) else value[0]

    return ModelOutput(**{name: first(name, value) for name, value in outputs.items()})


def flatten_choices(inputs: dict[str, Any]) -> int:
    """Join the axes of batch and choices of all inputs; give the number of choices."""
    first = inputs["input_ids"] if inputs["input_ids"] is not None else inputs["inputs_embeds"]
    if first is None or first.dim() < 3:
        shape = None if first is None else tuple(first.shape)
        raise ValueError(f"a multiple-choice model takes input_ids of shape [batch, choices, seq], found {shape}")
    for name in ("input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds"):
        if inputs.get(name) is not None:
            inputs[name] = inputs[name].flatten(0, 1)
    return first.shape[1]


def check_decoder(model: "PreTrainedModel", task: Task, config: PretrainedConfig) -> None:
    """Raise if a task for decoders, or for encoders, gets a config of the other kind."""
    if task.decoder is not None and bool(config.is_decoder) != task.decoder:
        raise AssertionError(
            f"{type(model).__name__} needs a config with is_decoder={task.decoder}, found {bool(config.is_decoder)}"
        )
