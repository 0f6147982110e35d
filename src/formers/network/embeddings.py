"""From token ids to the first hidden states."""
from typing import Any

from formers.architecture import Embeddings, Learned, Lookup, PaddingAware

from .call import Call


def embed(ops: Any, parts: Any, spec: Embeddings, call: Call, start: Any) -> Any:
    """Add up the embeddings of tokens, positions and further ids, then norm and dropout.

    Args:
        ops: the operations of the backend.
        parts: the parts of the embeddings.
        spec: what they are.
        call: ids, or vectors in their place; further ids are zeros, and positions those of the spec, by default.
        start: the first position, where `call` has none.

    Returns:
        *Shape:* `[batch, seq, size]`.
    """
    tokens = parts("tokens")
    if call.inputs_embeds is None:
        hidden = ops.embed(tokens, call.input_ids, "input_ids")
    else:
        hidden = ops.check_width(call.inputs_embeds, spec.tokens.size, "inputs_embeds")
    length = ops.size(hidden, 1)
    for name, ids in (("position_ids", call.position_ids), *call.further.items()):
        if ids is not None:
            ops.check_length(ids, length, name)
    if spec.tokens.scale != 1.0:
        hidden = hidden * spec.tokens.scale
    if spec.positions is not None:
        hidden = hidden + _positions(ops, parts, spec, call, hidden, start)
    for lookup in spec.types:
        ids = call.further.get(lookup.argument)
        if isinstance(lookup, Lookup):
            types = parts(lookup.part)
            hidden = hidden + (ops.first_row(types) if ids is None else ops.embed(types, ids, lookup.argument))
        elif ids is not None:
            further = ops.embed(tokens, ids, lookup.argument)
            hidden = hidden + (further if spec.tokens.scale == 1.0 else further * spec.tokens.scale)
    if spec.norm is not None or parts("norm") is not None:
        hidden = ops.norm(parts("norm"), hidden)
    return ops.dropout(parts("dropout"), hidden, spec.dropout, parts.training)


def _positions(ops: Any, parts: Any, spec: Embeddings, call: Call, hidden: Any, start: Any) -> Any:
    """Return the vectors of the positions. *Shape:* `[batch or 1, seq, size]`."""
    positions, ids = spec.positions, call.position_ids
    assert positions is not None
    table, constant = parts("positions"), parts.constant("positions")
    if ids is None:
        known = ops.rows(table) if constant is None else len(constant)
        ops.check_capacity(start + ops.size(hidden, 1), known - positions.first)
        if isinstance(positions, PaddingAware) and call.inputs_embeds is None:
            real = ops.as_ids(call.input_ids != positions.padding)
            ids = (ops.cumsum(real) + start) * real + positions.padding
    elif isinstance(positions, Learned) and positions.offset:
        ids = ids + positions.offset
    if ids is None:
        so_far = call.input_ids if call.ids_so_far is None else call.ids_so_far
        return ops.consecutive_rows(table, constant, positions.first + start, hidden, so_far)
    return ops.embed(table, ids, "position_ids") if constant is None else ops.take_rows(constant, ids, hidden)
