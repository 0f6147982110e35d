"""T5's blocks and attentions by themselves: what they are, and the keys and values that their callers give."""
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from formers.architecture import Bucketed, CrossAttention, Layer, SelfAttention, Sublayer
from formers.network.caches import KeyValues

from .architecture import decoder_layer, encoder_layer, table
from .configuration import T5Config

MISSING_BIAS = "No position_bias provided and no weights to compute position_bias"


def layer_alone(config: T5Config) -> Layer:
    """Return a block, of the decoder if the configuration says so."""
    return decoder_layer(config) if config.is_decoder else encoder_layer(config)


def sublayer_alone(config: T5Config, name: str) -> Sublayer:
    """Return a block's sublayer of a name."""
    return (decoder_layer(config) if name == "cross_attention" else layer_alone(config)).named(name)


def table_alone(config: T5Config) -> Bucketed:
    """Return the position biases of an attention by itself."""
    return table(config, bidirectional=not config.is_decoder)


def attending(spec: Sublayer, elsewhere: bool) -> Sublayer:
    """Return a sublayer as one whose attention is to an encoder, or to the sequence itself."""
    block: Any = spec.block
    if elsewhere == isinstance(block, CrossAttention):
        return spec
    kind: Any = CrossAttention if elsewhere else SelfAttention
    other = kind(block.heads, block.head_size, block.scale, block.mask, bias=block.bias, dropout=block.dropout)
    return replace(spec, name="cross_attention" if elsewhere else "attention", block=other)


def keep(caches: Mapping[str, KeyValues] | None, names: tuple[str, ...], present: Any) -> None:
    """Put documented keys and values into caches; what is known of the encoder stays."""
    if caches is None or present is None:
        return
    for at, name in enumerate(names):
        cache, pair = caches[name], present[2 * at : 2 * at + 2]
        if len(pair) == 2 and (name == "attention" or cache.is_empty):
            cache.crop(0)
            cache.append(*pair)


def caches_of(ops: Any, past: Any, names: tuple[str, ...]) -> dict[str, KeyValues]:
    """Return caches that hold documented keys and values.

    Args:
        ops: the operations of the backend.
        past: key and value of each attention, or None.
        names: the names of the attentions.

    Raises:
        ValueError: there are more or fewer than those of the attentions.
    """
    if past is not None and len(past) != 2 * len(names):
        raise ValueError(
            f"found {len(past)} earlier keys and values; expected {2 * len(names)}: key and value of {', '.join(names)}"
        )
    caches = {name: KeyValues(ops) for name in names}
    keep(caches, names, past)
    return caches
