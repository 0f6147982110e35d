"""Heads: from the base model's states to their outputs."""
from collections.abc import Mapping, Sequence
from typing import Any

from formers.architecture import (
    At,
    Dense,
    Dropout,
    Head,
    LastOf,
    Normalize,
    Reads,
    Scale,
    Step,
    TokenScores,
    Vocabulary,
)


def run_head(ops: Any, parts: Any, head: Head, hidden: Any, pooled: Any, inputs: Mapping[str, Any]) -> Any:
    """Compute a head's output.

    Args:
        ops: the operations of the backend.
        parts: the parts of the model, by the paths of the heads' steps.
        head: the head.
        hidden: the last hidden states. *Shape:* `[batch, seq, hidden]`.
        pooled: the pooler's output. *Shape:* `[batch, hidden]`.
        inputs: arguments of the call.

    Returns:
        *Shape:* `[batch, seq, size]` for heads on every position, else `[batch, size]`.
    """
    container = parts.reading_container(head)
    if container is not None:  # it reads the states by itself
        return container.run_head(head, hidden, inputs)
    return run_steps(ops, parts, head.steps, read(ops, head.reads, hidden, pooled, inputs))


def run_steps(ops: Any, parts: Any, steps: Sequence[Step], x: Any) -> Any:
    """Compute steps of a head that follow each other.

    Args:
        ops: the operations of the backend.
        parts: the parts of the model, by the paths of the steps.
        steps: the steps.
        x: what the first one takes. *Shape:* `[..., size]`.
    """
    at = 0
    while at < len(steps):
        step = steps[at]
        container = parts.container_of(step)
        if container is not None:
            count = container.count(steps[at:])
            x = container.run(steps[at : at + count], x)
            at += count
            continue
        match step:
            case Dropout(rate, path):
                x = ops.dropout(parts(path), x, rate, parts.training)
            case Dense(path, _, activation, activated):
                x = ops.linear(parts(path), x)
                if activation is not None:
                    x = ops.activate(parts(activated) if activated is not None else None, activation, x)
            case Normalize(path):
                x = ops.norm(parts(path), x)
            case Vocabulary(path):
                x = ops.linear(parts(path), x)
            case Scale(factor):
                x = x * factor
            case TokenScores(bias):
                x = ops.token_scores(parts.token_embeddings, x, parts(bias))
        at += 1
    return x


def read(ops: Any, reads: Reads | LastOf | At, hidden: Any, pooled: Any, inputs: Mapping[str, Any]) -> Any:
    """Return what a head reads. *Shape:* `[batch, seq, hidden]` or `[batch, hidden]`."""
    match reads:
        case Reads.EVERY_TOKEN:
            return hidden
        case Reads.FIRST_TOKEN:
            return hidden[:, 0]
        case Reads.LAST_TOKEN:
            return hidden[:, -1]
        case Reads.MEAN:
            return ops.mean(hidden, 1)
        case Reads.POOLED:
            return pooled
        case At(argument):
            index = inputs.get(argument)
            return hidden[:, -1] if index is None else ops.take_position(hidden, ops.reshape(index, (-1,)))
        case LastOf(token):
            return ops.take_position(hidden, ops.last_index(inputs["input_ids"], token, hidden))


def pool(ops: Any, parts: Any, activation: str, hidden: Any) -> Any:
    """Compute the pooler: a linear layer and an activation on the first position.

    Args:
        ops: the operations of the backend.
        parts: the parts of the pooler.
        activation: its name.
        hidden: *Shape:* `[batch, seq, hidden]`.

    Returns:
        *Shape:* `[batch, hidden]`.
    """
    return ops.activate(parts("activation"), activation, ops.linear(parts("dense"), hidden[:, 0]))
