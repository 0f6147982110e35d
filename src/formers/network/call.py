"""What a stack, and a layer of it, is called with."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .caches import Cache, KeyValues


@dataclass(slots=True)
class Call:
    """One call of a stack.

    Attributes:
        input_ids: *Shape:* `[batch, seq]`.
        inputs_embeds: in place of `input_ids`. *Shape:* `[batch, seq, hidden]`.
        attention_mask: 1 for visible, 0 for masked positions, those in the cache included. *Shape:* `[batch, key]` or
            `[batch, seq, key]`.
        position_ids: *Shape:* `[batch, seq]`.
        further: other ids by the name of their argument (`token_type_ids`). *Shape:* `[batch, seq]` each.
        head_mask: 1 for kept, 0 for masked heads. *Shape:* `[heads]` or `[layers, heads]`.
        encoder_states: *Shape:* `[batch, encoder seq, hidden]`.
        encoder_mask: as `attention_mask`. *Shape:* `[batch, encoder seq]`.
        cache: earlier positions; the new ones are added to it.
        start: the first position of the input; what the cache holds comes before it by default.
        want_weights: give the attention weights of every layer.
        want_states: give the hidden states before and after every layer.
        first_only: only the first position of the result is looked at.
        ids_so_far: the ids of all positions, where `input_ids` are the last of them and the caller gave all.
    """

    input_ids: Any = None
    inputs_embeds: Any = None
    attention_mask: Any = None
    position_ids: Any = None
    further: Mapping[str, Any] = field(default_factory=dict)
    head_mask: Any = None
    encoder_states: Any = None
    encoder_mask: Any = None
    cache: Cache | None = None
    start: Any = None
    want_weights: bool = False
    want_states: bool = False
    first_only: bool = False
    ids_so_far: Any = None


class Scores(NamedTuple):
    """What happens to the scores of an attention before the softmax.

    Attributes:
        bias: added to them, or None. *Shape:* broadcasts to `[batch, heads, query, key]`.
        causal: besides, every query attends to keys up to its own position only; with an empty cache.
        mask: the caller's mask, from which `bias` comes: 1 for visible, 0 for masked positions. *Shape:* `[batch, key]`
            or `[batch, query, key]`.
    """

    bias: Any = None
    causal: bool = False
    mask: Any = None


@dataclass(slots=True)
class LayerCall:
    """What a layer needs besides the states.

    Attributes:
        scores: name of a sublayer -> what happens to its scores.
        source: the encoder's states. *Shape:* `[batch, encoder seq, hidden]`.
        caches: name of a sublayer -> its earlier keys and values.
        head_mask: factor on the attention weights. *Shape:* broadcasts to `[batch, heads, query, key]`.
        want_weights: give the attention weights.
        first_only: compute the new state of the first position alone.
    """

    scores: Mapping[str, Scores] = field(default_factory=dict)
    source: Any = None
    caches: Mapping[str, KeyValues] | None = None
    head_mask: Any = None
    want_weights: bool = False
    first_only: bool = False

    def cache(self, name: str) -> KeyValues | None:
        """Return the earlier keys and values of a sublayer, or None."""
        return None if self.caches is None else self.caches.get(name)


class StackOutput(NamedTuple):
    """What a stack gives.

    Attributes:
        hidden: the last hidden states. *Shape:* `[batch, seq, hidden]`.
        states: all hidden states from the embeddings on, if asked for.
        weights: the self-attention weights of every layer, if asked for. *Shape:* `[batch, heads, query, key]` each.
    """

    hidden: Any
    states: tuple[Any, ...] | None = None
    weights: tuple[Any, ...] | None = None

    def documented(self) -> tuple[Any, ...]:
        """Return the last states, all states with these, and the attention weights, if they are asked for."""
        states = None if self.states is None else (*self.states, self.hidden)
        return tuple(value for value in (self.hidden, states, self.weights) if value is not None)
