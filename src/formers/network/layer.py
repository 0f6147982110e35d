"""A layer: its sublayers in the residual stream.

A sublayer is six steps. A backend may keep some that follow each other in a container of its own (BERT's PyTorch
modules do: `attention.self` mixes, `attention.output` does the rest): where a user changed it, the container computes
them.
"""
from enum import IntEnum
from typing import Any

from formers.architecture import CrossAttention, FeedForward, Layer, Sublayer

from .attention import attend
from .call import LayerCall
from .feed_forward import expand


class Step(IntEnum):
    """The steps of a sublayer, `after(x + dropout(project(mix(before(x)))))`."""

    BEFORE = 0
    MIX = 1
    PROJECT = 2
    DROPOUT = 3
    ADD = 4
    AFTER = 5


Computed = tuple[Any, Any, Any]
"""The residual stream, what the last step gave, and the attention weights or None."""


def run_layer(ops: Any, parts: Any, spec: Layer, x: Any, call: LayerCall) -> tuple[Any, tuple[Any, ...]]:
    """Compute a layer.

    Args:
        ops: the operations of the backend.
        parts: the parts of the layer.
        spec: what it is.
        x: *Shape:* `[batch, seq, hidden]`.
        call: masks, caches, what is wanted.

    Returns:
        The new states, and the attention weights of each attention if they are wanted.
    """
    all_weights: tuple[Any, ...] = ()
    for sublayer in spec.sublayers:
        if isinstance(sublayer.block, CrossAttention) and call.source is None:
            continue
        x, weights = run_sublayer(ops, parts.below(sublayer.name), sublayer, x, call)
        if weights is not None:
            all_weights += (weights,)
    return x, all_weights


def run_sublayer(ops: Any, parts: Any, spec: Sublayer, x: Any, call: LayerCall) -> tuple[Any, Any]:
    """Compute a sublayer; a feed-forward block in chunks of the sequence, if its spec says so."""
    if isinstance(spec.block, FeedForward) and spec.block.chunk_size:
        def compute(chunk: Any) -> Any:
            return run_steps(ops, parts, spec, chunk, chunk, call)[0]

        return ops.in_chunks(compute, x, spec.block.chunk_size), None
    x, _, weights = run_steps(ops, parts, spec, x, x, call)
    return x, weights


def run_steps(
    ops: Any,
    parts: Any,
    spec: Sublayer,
    x: Any,
    y: Any,
    call: LayerCall,
    first: Step = Step.BEFORE,
    last: Step = Step.AFTER,
) -> Computed:
    """Compute steps of a sublayer that follow each other.

    Args:
        ops: the operations of the backend.
        parts: the parts of the sublayer.
        spec: what it is.
        x: the residual stream. *Shape:* `[batch, seq, hidden]`.
        y: what the step before `first` gave. *Shape:* `[batch, seq, ...]`.
        call: masks, caches, what is wanted.
        first, last: the steps.
    """
    weights = None
    containers = parts.containers
    feeds = isinstance(spec.block, FeedForward)
    step, end = int(first), int(last)
    while step <= end:
        if step in containers:
            container = parts.container(step, spec)
            if container is not None:
                x, y, found = container.run(spec, x, y, call)
                weights = weights if found is None else found
                step = container.last + 1
                continue
        if step == 0:  # Step.BEFORE
            if spec.before is not None:
                y = ops.norm(parts("norm"), x)
        elif step == 1:  # Step.MIX
            if isinstance(spec.block, FeedForward):
                y = expand(ops, parts, spec.block, y)
            else:
                y, weights = attend(ops, parts, spec.block, y, call, spec.name)
        elif step == 2:  # Step.PROJECT
            y = ops.linear(parts("down" if feeds else "output"), y)
        elif step == 3:  # Step.DROPOUT
            y = ops.dropout(parts("residual_dropout"), y, spec.dropout, parts.training)
        elif step == 4:  # Step.ADD
            x = y = (x[:, :1] if call.first_only and not feeds else x) + y
        elif spec.after is not None:  # Step.AFTER
            x = y = ops.norm(parts("norm"), x)
        step += 1
    return x, y, weights
