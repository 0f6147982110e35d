"""How the states go through the layers of a stack."""
from collections.abc import Sequence
from typing import Any

from formers.architecture import FeedForward, Layer, Plain, Stack

from .call import Call, StackOutput
from .context import Context


def run_flow(ops: Any, parts: Any, stack: Stack, x: Any, call: Call, context: Context) -> StackOutput:
    """Run the layers of a stack by its flow."""
    match stack.flow:
        case Plain():
            return plain(ops, parts, stack, x, call, context)


def plain(ops: Any, parts: Any, stack: Stack, x: Any, call: Call, context: Context) -> StackOutput:
    """Run one layer after the other.

    Args:
        ops: the operations of the backend.
        parts: the parts of the stack.
        stack: what it is.
        x: the first hidden states. *Shape:* `[batch, seq, hidden]`.
        call: what is wanted.
        context: gives each layer what it needs besides the states.
    """
    states: tuple[Any, ...] = ()
    weights: tuple[Any, ...] = ()
    layers: Sequence[Any] = parts.layers(stack)
    recompute = parts.checkpointing(stack) and call.cache is None
    for index, layer in enumerate(layers):
        if call.want_states:
            states += (x,)
        of_layer = context.of_layer(layer.spec, index)
        if call.first_only and index == len(layers) - 1:
            of_layer.first_only = _may_skip(layer.spec) and layer.is_untouched()
        x, found = ops.run_layer(layer, x, of_layer, stack.layer_dropout, parts.training, recompute)
        if call.want_weights:
            weights += found[:1]
    return StackOutput(x, states if call.want_states else None, weights if call.want_weights else None)


def _may_skip(spec: Layer) -> bool:
    """Tell whether a layer can compute its first position alone: not if chunks must divide the sequence."""
    attention = spec.self_attention
    return attention is not None and not attention.causal and not any(
        isinstance(sublayer.block, FeedForward) and sublayer.block.chunk_size for sublayer in spec.sublayers
    )
