"""Cache formats: the structures in which documented calls give and take a decoder's keys and values."""
from enum import Enum


class CacheFormat(Enum):
    """How the keys and values of earlier steps appear to the caller."""

    STACKED = "a list over layers of [2, batch, heads, length, head_size] (GPT-2, CTRL)"
    TUPLES = "a tuple over layers of (key, value, cross key, cross value) (T5)"
    NAMED = "a list over layers of dicts of prev_key, prev_value, prev_key_padding_mask (BART, Marian)"
