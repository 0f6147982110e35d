"""Names of tasks: other names of the same task, and the pairs of languages in the name of a translation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

ALIASES: Mapping[str, str] = MappingProxyType(
    {"text-classification": "sentiment-analysis", "token-classification": "ner"}
)
_TRANSLATION = re.compile(r"translation_(\w+)_to_(\w+)")


def languages_of(task: str) -> tuple[str, str] | None:
    """Return source and target language of a task such as `"translation_en_to_fr"`; None for any other."""
    match = _TRANSLATION.fullmatch(task)
    return (match[1], match[2]) if match else None


def with_languages(task: str, source: str | None, target: str | None) -> str:
    """Return the task with its languages: `"translation"`, `"en"`, `"fr"` -> `"translation_en_to_fr"`.

    Raises:
        ValueError: If only one language is given, or the task is not `"translation"`.
    """
    if source is None and target is None:
        return task
    if task != "translation" or not source or not target:
        raise ValueError(
            f"src_lang is {source!r}, tgt_lang {target!r} and the task {task!r}: both languages go together, and with "
            "the task 'translation' only"
        )
    return f"translation_{source}_to_{target}"
