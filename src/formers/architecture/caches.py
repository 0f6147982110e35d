"""Memory of earlier positions, and the structures in which documented calls give and take it."""
from dataclasses import dataclass
from enum import Enum


class CacheFormat(Enum):
    """How the keys and values of earlier positions appear to the caller."""

    STACKED = "a list over layers of [2, batch, heads, length, head_size] (GPT-2, CTRL)"
    TUPLES = "a tuple over layers of (key, value, cross key, cross value) (T5)"
    NAMED = "a list over layers of dicts of prev_key, prev_value, prev_key_padding_mask (BART, Marian)"


@dataclass(frozen=True)
class KeyValues:
    """The keys and values of earlier positions are remembered.

    Attributes:
        format: how they appear to the caller.
    """

    format: CacheFormat
