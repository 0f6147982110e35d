"""Tables with another number of rows."""
from typing import Any

import keras
import numpy as np

from .construction import values_of
from .embeddings import TFSharedEmbeddings
from .heads import ToVocabulary
from .pruning import replace_weight


def set_table(table: TFSharedEmbeddings, value: Any) -> None:
    """Put other values into a table of words; it takes their number of rows.

    Raises:
        ValueError: the vectors have another length.
    """
    values = values_of(getattr(value, "weight", value))
    if values.ndim != 2 or values.shape[1] != table.hidden_size:
        raise ValueError(f"a table of words needs the shape [words, {table.hidden_size}], found {values.shape}")
    replace_weight(table, "weight", values)
    table.vocab_size = values.shape[0]


def resize_table(table: TFSharedEmbeddings, rows: int, std: float) -> None:
    """Give a table `rows` rows; the first ones stay, new ones come from N(0, std)."""
    old = values_of(table.weight)
    new = keras.ops.convert_to_numpy(keras.initializers.RandomNormal(0.0, std)((rows, table.hidden_size)))
    set_table(table, np.concatenate([old[:rows], new[len(old) :]]))


def resize_bias(output: ToVocabulary, rows: int, owner: Any, attribute: str) -> None:
    """Give the bias of a map to the vocabulary `rows` numbers; new ones are 0.

    Args:
        output: the map.
        rows: number of words.
        owner: the layer that owns the bias.
        attribute: where it has it.
    """
    old = values_of(output.bias)
    new = np.zeros(rows, old.dtype)
    new[: len(old)] = old[:rows]
    shared = replace_weight(owner, attribute, new)
    if owner is not output:
        output._untrack_variable(output.bias)
        output._tracker.unlock()
        output.bias = shared
        output._tracker.lock()
