"""A stack: embeddings, layers, and what comes after the last one."""
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from formers.architecture import Embeddings, Stack

from .call import Call, StackOutput
from .context import Context
from .embeddings import embed
from .errors import check_one_input
from .flows import run_flow


def run_stack(
    ops: Any, parts: Any, stack: Stack, call: Call, make_context: Callable[..., Any] = Context
) -> StackOutput:
    """Embed and run all layers.

    Args:
        ops: the operations of the backend.
        parts: the parts of the stack.
        stack: what it is.
        call: what it is called with.
        make_context: makes what gives each layer what it needs besides the states, for the arguments of `Context`.

    Raises:
        ValueError: an argument has the wrong shape, or none or two give the input.
        TypeError: an argument has the wrong type.
    """
    check_one_input(call.input_ids, call.inputs_embeds)
    for name, given, axes in (("input_ids", call.input_ids, 2), ("inputs_embeds", call.inputs_embeds, 3)):
        if given is not None:
            ops.check_input(given, name, axes)
    length = None
    if stack.pad_to > 1:
        call, length = _padded(ops, stack, call)
    start = call.start
    if start is None:
        start = call.cache.length if call.cache is not None else 0
    hidden = _embedded(ops, parts.below("embeddings"), stack.embeddings, call, start)
    context = make_context(ops, parts, stack, call, hidden)
    container = parts.below("layers").whole
    output = container.flow(stack, hidden, call, context) if container is not None else (
        run_flow(ops, parts, stack, hidden, call, context)
    )
    hidden, states = output.hidden, output.states
    if stack.final_norm is not None or parts("norm") is not None:
        hidden = ops.norm(parts("norm"), hidden)
    hidden = ops.dropout(parts("dropout"), hidden, stack.dropout, parts.training)
    if states is not None and stack.states == "inputs and last":
        states += (hidden,)
    if length is not None:
        hidden = hidden[:, :length]
    return StackOutput(hidden, states, output.weights)


def _embedded(ops: Any, parts: Any, spec: Embeddings, call: Call, start: Any) -> Any:
    """Return the first hidden states."""
    if call.inputs_embeds is not None and spec.inputs_embeds_replace == "block":
        return call.inputs_embeds
    container = parts.whole
    return embed(ops, parts, spec, call, start) if container is None else container.embed(call, start)


def _padded(ops: Any, stack: Stack, call: Call) -> tuple[Call, Any]:
    """Pad the input to a multiple of `stack.pad_to`, and mask the padding; return the length before it as well."""
    given = call.input_ids if call.inputs_embeds is None else call.inputs_embeds
    length = ops.size(given, 1)
    mask = ops.ones(given, length) if call.attention_mask is None else call.attention_mask
    padding = stack.embeddings.tokens.padding or 0

    def pad(tensor: Any, value: int) -> Any:
        return None if tensor is None else ops.pad_to_multiple(tensor, stack.pad_to, value)

    return replace(
        call,
        input_ids=pad(call.input_ids, padding),
        inputs_embeds=pad(call.inputs_embeds, 0),
        attention_mask=pad(mask, 0),
        position_ids=pad(call.position_ids, 0),
        further={name: pad(ids, 0) for name, ids in call.further.items()},
    ), length
