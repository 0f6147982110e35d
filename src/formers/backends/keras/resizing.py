"""Tables with another number of rows."""
from typing import Any

import keras
import numpy as np

from formers.architecture import Init

from .construction import deviation, values_of
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


def resize_table(table: TFSharedEmbeddings, rows: int, init: Init) -> None:
    """Give a table `rows` rows; the first ones stay, new ones come from `init`."""
    set_table(table, _resized(values_of(table.weight), rows, deviation(init)))


def resize_map(output: keras.layers.Dense, rows: int, init: Init) -> None:
    """Give a map to the vocabulary with weights of its own `rows` outputs; the first ones stay."""
    kernel = values_of(output.kernel)
    replace_weight(output, "_kernel", _resized(kernel.T, rows, deviation(init, len(kernel))).T)
    if output.bias is not None:
        replace_weight(output, "bias", _padded(values_of(output.bias), rows))
    output.units = rows


def resize_fixed_bias(owner: Any, attribute: str, rows: int) -> None:
    """Give a bias *of shape* `[1, words]` `rows` numbers; new ones are 0."""
    replace_weight(owner, attribute, _padded(values_of(getattr(owner, attribute))[0], rows)[None])


def resize_bias(output: ToVocabulary, rows: int, owner: Any, attribute: str) -> None:
    """Give the bias of a map to the vocabulary `rows` numbers; new ones are 0.

    Args:
        output: the map.
        rows: number of words.
        owner: the layer that owns the bias.
        attribute: where it has it.
    """
    shared = replace_weight(owner, attribute, _padded(values_of(output.bias), rows))
    if owner is not output:
        output._untrack_variable(output.bias)
        output._tracker.unlock()
        output.bias = shared
        output._tracker.lock()


def _resized(old: np.ndarray, rows: int, std: float) -> np.ndarray:
    """The first rows, and then fresh ones. *Shape:* `[rows, size]`."""
    new = keras.ops.convert_to_numpy(keras.initializers.RandomNormal(0.0, std)((rows, old.shape[1])))
    return np.concatenate([old[:rows], new[len(old) :].astype(old.dtype)])


def _padded(old: np.ndarray, count: int) -> np.ndarray:
    """The first numbers, and then zeros."""
    new = np.zeros(count, old.dtype)
    new[: len(old)] = old[:count]
    return new
