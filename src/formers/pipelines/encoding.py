"""Texts to token ids and token ids to padded arrays, without Python work for each token."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Encodings:
    """Token ids of several inputs of different lengths.

    Attributes:
        rows: `"input_ids"`, `"token_type_ids"`, ... -> one sequence of integers an input.
        lengths: Tokens of each input, int64 `[inputs]`.
    """

    rows: dict[str, list[Sequence[int]]]
    lengths: np.ndarray

    @classmethod
    def of(cls, rows: dict[str, list[Sequence[int]]]) -> Encodings:
        """Measure the rows."""
        ids = rows["input_ids"]
        return cls(rows, np.fromiter(map(len, ids), dtype=np.int64, count=len(ids)))


def longest_input(model: Any) -> int | None:
    """Return how many tokens a model has positions for; None if there is no limit."""
    config = model.config
    from formers.architecture.stack import EncoderDecoder
    from formers.families import families

    family = families().get(getattr(config, "model_type", ""))
    if family is None:
        return getattr(config, "max_position_embeddings", None)
    architecture = family.architecture(config)
    stack = architecture.encoder if isinstance(architecture, EncoderDecoder) else architecture.stack
    return stack.capacity


def encode(
    tokenizer: Any, texts: Sequence[Any], limit: int | None, first: int = 0, add_special_tokens: bool = True
) -> Encodings:
    """Tokenize many texts in one call and truncate those that are too long, with a warning.

    Args:
        tokenizer: A tokenizer of this library.
        texts: The texts, or pairs of them.
        limit: Most tokens of an input, or None.
        first: Index of the first text among all inputs, for messages.
        add_special_tokens: Whether to add `[CLS]`, `[SEP]` and the like.

    Returns:
        One row a text; the attention mask is left to `pad`.
    """
    options = {"add_special_tokens": add_special_tokens, "return_attention_mask": False, "verbose": False}
    texts = list(texts)
    encoded = tokenizer(texts, **options)
    encodings = Encodings.of({name: list(encoded[name]) for name in encoded})
    if limit is None or not len(texts) or int(encodings.lengths.max()) <= limit:
        return encodings
    long = np.flatnonzero(encodings.lengths > limit)
    logger.warning(
        "%d of %d inputs longer than the %d tokens that the model can take, truncated at the end: "
        "the longest has %d tokens, the first is input %d",
        len(long), len(texts), limit, encodings.lengths.max(), first + long[0],
    )  # fmt: skip
    truncated = tokenizer([texts[index] for index in long], truncation=True, max_length=limit, **options)
    for name, rows in encodings.rows.items():
        for index, row in zip(long, truncated[name], strict=True):
            rows[index] = row
    return Encodings.of(encodings.rows)


def pad(
    encodings: Encodings,
    batch: np.ndarray,
    width: int,
    tokenizer: Any,
    *,
    side: str | None = None,
    pad_token_id: int | None = None,
) -> dict[str, np.ndarray]:
    """Make the arrays of a batch, padded on one side.

    Args:
        encodings: All inputs.
        batch: Indices of the batch's inputs.
        width: Length to pad to.
        tokenizer: Names the padding ids and side.
        side: `"left"` or `"right"`, if not the tokenizer's own.
        pad_token_id: Token id to pad with, if not the tokenizer's own.

    Returns:
        int64 arrays `[batch, width]`, with an `attention_mask` where there is padding.
    """
    lengths = encodings.lengths[batch]
    columns = np.arange(width)
    first = width - lengths if (side or tokenizer.padding_side) == "left" else np.zeros_like(lengths)
    real = (columns >= first[:, None]) & (columns < (first + lengths)[:, None])
    arrays = {}
    for name, rows in encodings.rows.items():
        given = pad_token_id if name == "input_ids" else None
        value = _padding(tokenizer, name) if given is None else given
        array = np.full(real.shape, value, dtype=np.int64)
        array[real] = np.concatenate([np.asarray(rows[index], dtype=np.int64) for index in batch])
        arrays[name] = array
    if not real.all():
        arrays["attention_mask"] = real.astype(np.int64)
    return arrays


def _padding(tokenizer: Any, name: str) -> int:
    if name == "token_type_ids":
        return tokenizer.pad_token_type_id
    # A tokenizer without a padding token (GPT-2): the positions are masked, whatever their token is.
    return (tokenizer.pad_token_id or 0) if name == "input_ids" else 0


def own_tokens(output: np.ndarray, length: int, tokenizer: Any) -> np.ndarray:
    """Return the part of a row `[width, ...]` without padding beyond `length`, `[length, ...]`."""
    return output[len(output) - length :] if tokenizer.padding_side == "left" else output[:length]
