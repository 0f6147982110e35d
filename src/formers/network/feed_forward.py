"""The feed-forward block."""
from typing import Any

from formers.architecture import FeedForward


def expand(ops: Any, parts: Any, spec: FeedForward, x: Any) -> Any:
    """Compute the inner activations; in a gated block they are a product of two branches.

    Args:
        ops: the operations of the backend.
        parts: the parts of the block.
        spec: what it is.
        x: *Shape:* `[batch, seq, hidden]`.

    Returns:
        *Shape:* `[batch, seq, size]`.
    """
    inner = ops.linear(parts("gate" if spec.gated else "up"), x)
    inner = ops.activate(parts("activation"), spec.activation, inner)
    if spec.gated:
        inner = inner * ops.linear(parts("linear"), x)
    return ops.dropout(parts("dropout"), inner, spec.dropout, parts.training)
