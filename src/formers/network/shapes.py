"""Axes before that of the positions: inputs of any number of them are computed as one batch."""
from collections.abc import Collection
from typing import Any

from formers.outputs import ModelOutput

INPUTS = ("input_ids", "attention_mask", "token_type_ids", "position_ids", "inputs_embeds")
"""Arguments that have these axes."""
FURTHER = ("mc_token_ids",)
"""Arguments that have these axes alone."""


def flatten(ops: Any, inputs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Make one axis, the batch, of all axes before that of the positions, in place.

    Args:
        ops: the operations of the backend.
        inputs: arguments by name; `input_ids` of shape `[..., seq]` or `inputs_embeds` of shape `[..., seq, hidden]`.

    Returns:
        The sizes of the axes; None where there was one, and nothing changed.
    """
    ids, embeds = inputs.get("input_ids"), inputs.get("inputs_embeds")
    if ids is not None and hasattr(ids, "shape"):
        axes = len(ids.shape) - 1
    elif embeds is not None and hasattr(embeds, "shape"):
        axes = len(embeds.shape) - 2
    else:
        return None
    if axes == 1 or axes < 0:
        return None
    given = ids if ids is not None else embeds
    lead = tuple(ops.size(given, axis) for axis in range(axes))
    for name in INPUTS:
        value = inputs.get(name)
        if value is not None and len(value.shape) == (axes + 2 if name == "inputs_embeds" else axes + 1):
            rest = tuple(ops.size(value, axis) for axis in range(axes, len(value.shape)))
            inputs[name] = ops.reshape(value, (-1, *rest))
    for name in FURTHER:
        if inputs.get(name) is not None:
            inputs[name] = ops.reshape(inputs[name], (-1,))
    return lead


def regroup(ops: Any, outputs: ModelOutput, lead: tuple[Any, ...], flat: Collection[str] = ()) -> ModelOutput:
    """Give the outputs of a flattened batch the axes that the inputs had; losses and caches stay.

    Args:
        ops: the operations of the backend.
        outputs: the outputs. *Shape:* `[batch, ...]` each.
        lead: what `flatten` gave.
        flat: names of further outputs that stay.
    """

    def grouped(value: Any) -> Any:
        if isinstance(value, tuple | list):
            return tuple(grouped(part) for part in value)
        return ops.reshape(value, (*lead, *(ops.size(value, axis) for axis in range(1, len(value.shape)))))

    stay = {"past_key_values", *flat}
    return ModelOutput(
        **{
            name: value if name in stay or name.endswith("loss") else grouped(value)
            for name, value in outputs.items()
        },
        **dict.fromkeys(outputs.absent()),
    )
