"""The call of a model, with and without heads, for the models of any backend.

A model here has `ops`, the operations of its backend; `spec`, its `Architecture`; `task`; `head_specs`; and `parts`.
"""
from typing import Any

from formers.architecture import EncoderDecoder, Head, Reads, SingleStack, Stack
from formers.calling import FLAGS
from formers.outputs import ModelOutput

from . import encoder_decoder
from .calls import call_of, open_cache
from .documented_caches import documented_cache
from .heads import run_head
from .losses import head_loss
from .shapes import INPUTS
from .stack import run_stack


def run_base(model: Any, inputs: dict[str, Any], first_only: bool = False) -> ModelOutput:
    """Run a base model.

    Args:
        model: the model.
        inputs: all arguments by name, None for those that are not given; and perhaps `cache`, a `Cache` to use and add
            to. It is changed.
        first_only: only the first position of the result is looked at.
    """
    match model.spec:
        case EncoderDecoder():
            return encoder_decoder.run_pair(model, inputs)
        case SingleStack(stack):
            return _run_single(model, stack, inputs, first_only)
    raise TypeError(f"{type(model).__name__} has the architecture {model.spec!r}; expected one or two stacks")


def _run_single(model: Any, stack: Stack, inputs: dict[str, Any], first_only: bool) -> ModelOutput:
    cache, documented = open_cache(model, inputs)
    parts = model.parts()
    output = run_stack(model.ops, parts, stack, call_of(stack, inputs, cache, first_only))
    return ModelOutput(
        last_hidden_state=output.hidden,
        pooler_output=model.pool(parts, output.hidden),
        past_key_values=documented_cache(cache, documented, model.ops.stack),
        hidden_states=output.states,
        attentions=output.weights,
    )


def run_heads(model: Any, inputs: dict[str, Any], lead: tuple[Any, ...] | None = None) -> ModelOutput:
    """Run a model with its heads.

    Args:
        model: the model.
        inputs: all arguments by name, None for those that are not given. A step of generation adds `cache`, a `Cache`
            to use and add to, and `last_only`, the number of the last positions that heads read. It is changed.
        lead: sizes of the axes before that of the positions, which are one in `inputs`; None where there is one.
    """
    ops, heads = model.ops, model.head_specs
    if isinstance(model.spec, EncoderDecoder):
        encoder_decoder.prepare_labels(model, inputs)
    labels = {name: inputs.pop(name, None) for head in heads for name in head.labels}
    last = inputs.pop("last_only", 0)  # 0 for all
    of_base = {*model.base_inputs, "cache"}
    reads = {name: inputs.pop(name) for name in [*inputs] if name not in of_base}
    per_choice = any(head.per_choice for head in heads) and not model.task.any_shape
    choices = flatten_choices(ops, inputs) if per_choice else None
    reads["input_ids"], mask = inputs.get("input_ids"), inputs.get("attention_mask")
    reads["lead"] = lead
    base = model.call_base(inputs, _reads_first_only(heads, inputs))
    hidden = base.last_hidden_state
    if last:
        hidden = hidden[:, -last:]
    outputs: dict[str, Any] = dict.fromkeys(head.loss_name for head in heads)
    losses: dict[str, list[Any]] = {}
    parts = model.head_parts()
    pooled, joint = base.get("pooler_output"), parts.joint_container(heads)
    jointly = None if joint is None else joint.run_all(heads, hidden, pooled)
    for index, head in enumerate(heads):
        value = run_head(ops, parts, head, hidden, pooled, reads) if jointly is None else jointly[index]
        values = _split(ops, head, value, choices)
        outputs |= dict(zip(head.outputs, values, strict=True))
        if lead and head.per_choice:  # the label is one of the choices of the last axis
            values = tuple(ops.reshape(value, (-1, lead[-1])) for value in values)
        losses.setdefault(head.loss_name, []).append(head_loss(ops, parts, head, values, labels, mask))
    for name, found in losses.items():
        given = [loss for loss in found if loss is not None]
        if len(given) == len(found):
            outputs[name] = sum(given[1:], given[0])
    rest = {name: value for name, value in base.items() if name not in ("last_hidden_state", "pooler_output")}
    return ModelOutput(**outputs, **dict.fromkeys(("past_key_values", "hidden_states", "attentions")) | rest)


def _reads_first_only(heads: tuple[Head, ...], inputs: dict[str, Any]) -> bool:
    """Tell whether nobody looks at the base model's states but at the first position's."""
    looked_at = any(head.reads not in (Reads.FIRST_TOKEN, Reads.POOLED) for head in heads)
    return not looked_at and not any(inputs.get(flag) for flag in FLAGS)


def _split(ops: Any, head: Head, value: Any, choices: Any) -> tuple[Any, ...]:
    """Return a head's outputs by what its last axis means."""
    if head.per_choice:
        return (ops.reshape(value, (-1,) if choices is None else (-1, choices)),)
    if len(head.outputs) == 2:
        return ops.unstack_last(value)
    return (value,)


def flatten_choices(ops: Any, inputs: dict[str, Any]) -> Any:
    """Join the axes of batch and choices of all inputs, in place; return the number of choices.

    Raises:
        ValueError: there is no axis of choices.
    """
    first = inputs["input_ids"] if inputs["input_ids"] is not None else inputs["inputs_embeds"]
    if first is None or len(first.shape) < 3:
        shape = None if first is None else tuple(first.shape)
        raise ValueError(f"a multiple-choice model takes input_ids of shape [batch, choices, seq], found {shape}")
    for name in INPUTS:
        if inputs.get(name) is not None:
            rest = (ops.size(inputs[name], axis) for axis in range(2, len(inputs[name].shape)))
            inputs[name] = ops.reshape(inputs[name], (-1, *rest))
    return ops.size(first, 1)
