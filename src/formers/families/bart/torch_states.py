"""What BART's layers know besides the states in documented calls: masks, and dicts of earlier keys and values."""
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from formers.backends.torch import ops
from formers.backends.torch.presents import for_rows
from formers.network.caches import KeyValues
from formers.network.call import LayerCall, Scores

from .torch_functions import held, key_bias

SELF, CROSS = "self", "encoder_decoder"
"""What documented dicts call the earlier keys and values of both attentions."""
KEYS = {"attention": SELF, "cross_attention": CROSS}


def source_of(call: LayerCall, rows: int) -> Tensor | None:
    """Return the encoder's states as documented, a row for each beam. *Shape:* `[encoder seq, rows, hidden]`."""
    source = for_rows(call.source, rows)
    return None if source is None else source.transpose(0, 1)


@dataclass(slots=True)
class StateCall(LayerCall):
    """What a layer needs, with the documented dict of earlier keys and values, which a call changes.

    Attributes:
        state: the dict, or None.
        padding: True for all keys of the self-attention that are padding, or None.
    """

    state: dict[str, Any] | None = None
    padding: Tensor | None = None


def caches_of(state: Mapping[str, Any] | None) -> dict[str, KeyValues]:
    """Return what a documented dict holds, by the names of the sublayers."""
    caches = {name: KeyValues(ops) for name in KEYS}
    for name, key in KEYS.items():
        found = held(state, key)
        if found is not None:
            caches[name].append(found["prev_key"], found["prev_value"])
    return caches


def joined(padding: Tensor | None, state: Mapping[str, Any] | None, keys: int) -> Tensor | None:
    """Join the padding mask of new positions to that of earlier ones. *Shape:* `[batch, key]`.

    Raises:
        ValueError: earlier positions have a mask, and new ones have none.
    """
    found = held(state, SELF)
    earlier = None if found is None else found.get("prev_key_padding_mask")
    if earlier is None:
        return padding
    if padding is None:
        raise ValueError("earlier positions have a prev_key_padding_mask: pass key_padding_mask for the new ones too")
    return torch.cat([earlier, padding], 1) if padding.shape[1] < keys else padding


def write_state(state: dict[str, Any], caches: Mapping[str, KeyValues], padding: Tensor | None) -> None:
    """Put what caches hold into a documented dict."""
    for name, key in KEYS.items():
        cache = caches.get(name)
        if cache is not None and not cache.is_empty:
            keys, values = cache.read()
            mask = padding if key == SELF else None
            state[key] = {"prev_key": keys, "prev_value": values, "prev_key_padding_mask": mask}


def state_of(caches: Mapping[str, KeyValues] | None, rows: int) -> dict[str, Any]:
    """Return what caches hold as a documented dict; beams that share an encoder row get a row each."""
    state: dict[str, Any] = {}
    for name, cache in (caches or {}).items():
        if not cache.is_empty:
            keys, values = (for_rows(tensor, rows) for tensor in cache.read())
            state[KEYS[name]] = {"prev_key": keys, "prev_value": values, "prev_key_padding_mask": None}
    return state


def keep(caches: Mapping[str, KeyValues] | None, state: Mapping[str, Any] | None) -> None:
    """Put what a documented dict holds into caches; what is known of the encoder stays."""
    for name, cache in (caches or {}).items():
        found = held(state, KEYS[name])
        if found is not None and (KEYS[name] == SELF or cache.is_empty):
            cache.crop(0)
            cache.append(found["prev_key"], found["prev_value"])


@dataclass
class Masks:
    """The documented masks of a decoder: True for padding, and what is added to the scores."""

    padding: Tensor | None
    causal: Tensor | None
    source_padding: Tensor | None

    def call(
        self, x: Tensor, source: Tensor | None, state: dict[str, Any] | None, want_weights: bool
    ) -> StateCall:
        """Return what a layer needs besides the states.

        Args:
            x: the states. *Shape:* `[batch, seq, hidden]`.
            source: the encoder's, which are not needed where `state` has their keys and values.
            state: the documented dict of earlier keys and values.
            want_weights: give the attention weights.
        """
        caches = caches_of(state)
        own, cross = caches["attention"], caches["cross_attention"]
        keys = own.length + x.shape[1]
        padding = joined(self.padding, state, keys)
        scores = {"attention": Scores(key_bias(padding, self.causal, (x.shape[0], keys), x))}
        if not cross.is_empty and source is None:
            source = x  # not looked at
        if source is not None:
            keys = source.shape[1] if cross.is_empty else cross.length
            scores["cross_attention"] = Scores(key_bias(self.source_padding, None, (x.shape[0], keys), x))
        return StateCall(
            scores, source, caches if state is not None else None, want_weights=want_weights, state=state,
            padding=padding,
        )  # fmt: skip
