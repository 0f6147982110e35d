"""Models with another number of tokens."""
from typing import Any

import keras
import numpy as np

from formers.architecture import TokenScores

from .construction import replace_weight, values_of
from .embeddings import TFSharedEmbeddings
from .parts import TokenScorer, find


def set_token_embeddings(embeddings: TFSharedEmbeddings, value: Any) -> None:
    """Put other values into token embeddings, which take their number of rows.

    Raises:
        ValueError: the vectors have another length.
    """
    values = values_of(getattr(value, "weight", value))
    if values.ndim != 2 or values.shape[1] != embeddings.hidden_size:
        raise ValueError(f"token embeddings need the shape [tokens, {embeddings.hidden_size}], found {values.shape}")
    replace_weight(embeddings, "weight", values)
    embeddings.vocab_size = values.shape[0]


def resize_vocabulary(model: Any, tokens: int) -> None:
    """Give the token embeddings of a model, and its scores of the vocabulary, so many rows; rows that stay keep values.

    Raises:
        ValueError: there would be no token.
    """
    if tokens < 1:
        raise ValueError(f"new_num_tokens is {tokens}; a vocabulary has at least one token")
    main, embeddings = model.base_layer, model.get_input_embeddings()
    before = list(model.trainable_variables)
    set_token_embeddings(embeddings, _resized(values_of(embeddings.weight), tokens, embeddings.initializer_range))
    _resize_output(model, tokens)
    for owner in (model, main, *(getattr(main, name, None) for name in ("encoder", "decoder"))):
        if hasattr(owner, "config"):
            owner.config.vocab_size = tokens
    renew_optimizer(model, before)


def _resize_output(model: Any, tokens: int) -> None:
    step = model.vocabulary_step
    if isinstance(step, TokenScores):
        group, _, leaf = step.bias.rpartition(".")
        owner = find(model, group) if group else model
        replace_weight(owner, leaf, _padded(values_of(getattr(owner, leaf))[0], tokens)[None])
        return
    output = None if step is None else find(model, step.path)
    if isinstance(output, keras.layers.Dense):
        kernel, std = values_of(output.kernel), model.plan[step.path].std
        replace_weight(output, "_kernel", _resized(kernel.T, tokens, std).T)
        output.units = tokens
    if output is None or output.bias is None:
        return
    bias = _padded(values_of(output.bias), tokens)
    if not isinstance(output, TokenScorer) or step.bias == f"{step.path}.bias":
        replace_weight(output, "bias", bias)
        return
    group, _, leaf = step.bias.rpartition(".")
    shared = replace_weight(find(model, group), leaf, bias)
    output._untrack_variable(output.bias)
    output._tracker.unlock()
    output.bias = shared
    output._tracker.lock()


def renew_optimizer(model: Any, before: list[Any], grown: bool = True) -> None:
    """Give a compiled model an optimizer for its variables of now; it knows what the old one knows of them.

    Args:
        model: the model.
        before: its trainable variables when the old optimizer was built.
        grown: variables of another shape have rows more or less at their end; of others nothing is known.
    """
    old = getattr(model, "optimizer", None)
    if old is None or not old.built:
        return
    new = type(old).from_config(old.get_config())
    new.build(model.trainable_variables)
    new.iterations.assign(old.iterations)
    indices = {variable.path: index for index, variable in enumerate(before)}
    for name, slots in vars(new).items():
        theirs: Any = getattr(old, name, None)
        lists = isinstance(slots, list) and isinstance(theirs, list)
        if name == "_trainable_variables" or not lists or not len(slots) == len(theirs) == len(before):
            continue
        for slot, variable in zip(slots, model.trainable_variables, strict=True):
            _take_slot(slot, theirs[indices[variable.path]], grown)
    model.optimizer = new


def _take_slot(slot: Any, old: Any, grown: bool) -> None:
    """Give what an optimizer knows of a weight the values of before; new rows have known nothing yet."""
    known = isinstance(slot, keras.Variable) and isinstance(old, keras.Variable)
    if known and (grown or slot.shape == old.shape):
        values, kept = values_of(slot), values_of(old)
        common = tuple(slice(0, min(sizes)) for sizes in zip(values.shape, kept.shape, strict=True))
        values[common] = kept[common]
        slot.assign(values)


def _resized(old: np.ndarray, rows: int, std: float) -> np.ndarray:
    """Return the first rows, and then new ones. *Shape:* `[rows, size]`."""
    new = keras.ops.convert_to_numpy(keras.initializers.RandomNormal(0.0, std)((rows, old.shape[1])))
    return np.concatenate([old[:rows], new[len(old) :].astype(old.dtype)])


def _padded(old: np.ndarray, count: int) -> np.ndarray:
    """Return the first entries, and then zeros."""
    new = np.zeros(count, old.dtype)
    new[: len(old)] = old[:count]
    return new
