"""From documented arguments to the call of a stack, and to its cache."""
from typing import Any

from formers.architecture import KeyValues, Stack

from .caches import Cache
from .call import Call
from .documented_caches import fill_cache


def call_of(stack: Stack, inputs: dict[str, Any], cache: Cache | None = None, first_only: bool = False) -> Call:
    """Return the call of a stack for documented arguments."""
    return Call(
        input_ids=inputs.get("input_ids"),
        inputs_embeds=inputs.get("inputs_embeds"),
        attention_mask=inputs.get("attention_mask"),
        position_ids=inputs.get("position_ids"),
        further={lookup.argument: inputs.get(lookup.argument) for lookup in stack.embeddings.types},
        head_mask=inputs.get("head_mask"),
        encoder_states=inputs.get("encoder_hidden_states"),
        encoder_mask=inputs.get("encoder_attention_mask"),
        cache=cache,
        want_weights=bool(inputs.get("output_attentions")),
        want_states=bool(inputs.get("output_hidden_states")),
        first_only=first_only,
    )


def open_cache(model: Any, inputs: dict[str, Any]) -> tuple[Cache | None, Any]:
    """Take what concerns the cache from the arguments of a call.

    Returns:
        The cache to use, and the format in which the caller gets it back, or None.

    Raises:
        ValueError: what the caller gave has another structure.
    """
    cache = inputs.pop("cache", None)
    name = model.task.cache
    past = inputs.pop(name, None) if name is not None else None
    use_cache = inputs.pop("use_cache", None)
    if cache is not None:
        return cache, None
    memory: KeyValues | None = model.spec.decoding.memory
    documented = memory.format if memory is not None else None
    if past is not None:
        cache = Cache(model.ops, model.cache_layers())
        fill_cache(cache, documented, past)
    elif use_cache and documented is not None:
        cache = Cache(model.ops, model.cache_layers())
    return cache, documented if use_cache else None
