"""Inputs of translation models: texts in one language and, for training, their translations in another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from formers.tokenization.base import PreTrainedTokenizerBase
from formers.tokenization.batch_encoding import BatchEncoding


def translation_batch(
    tokenizer: PreTrainedTokenizerBase,
    sources: list[str],
    targets: list[str] | None,
    other_language: Callable[[bool], None],
    options: dict[str, Any],
) -> BatchEncoding:
    """Make the model inputs of texts and their translations.

    Args:
        tokenizer: The tokenizer, set to the language of the texts.
        sources: The texts.
        targets: Their translations, or None.
        other_language: Sets the tokenizer to the language of the translations (True), or back (False).
        options: Keywords of the tokenizer's call.
    """
    inputs = tokenizer(sources, **options)
    if targets is None:
        return inputs
    other_language(True)
    try:
        decoder_inputs = tokenizer(targets, **options)
    finally:
        other_language(False)
    for name, value in decoder_inputs.items():
        inputs[f"decoder_{name}"] = value
    return inputs
