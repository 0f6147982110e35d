"""Models that have two names on the hub: the bare one of old, and one with an owner."""

from __future__ import annotations

import os
from typing import Any

# Beginning of a bare name -> the owner that the model has by now. The hub redirects from one to the other; a cache
# knows a model only by the name that it was downloaded under.
_OWNERS = {
    "albert-": "albert",
    "bert-base-": "google-bert",
    "bert-large-": "google-bert",
    "camembert-base": "almanach",
    "ctrl": "Salesforce",
    "distilbert-": "distilbert",
    "distilgpt2": "distilbert",
    "distilroberta-": "distilbert",
    "gpt2": "openai-community",
    "openai-gpt": "openai-community",
    "roberta-": "FacebookAI",
    "t5-": "google-t5",
    "transfo-xl-": "transfo-xl",
    "xlm-": "FacebookAI",
    "xlnet-": "xlnet",
}


def path_or_name(value: Any) -> str:
    """Return where a model is to be loaded from, as text.

    Args:
        value: A name on the hub, or a path.

    Raises:
        TypeError: If it is neither; the message says what was found.
    """
    if not isinstance(value, str | os.PathLike):
        found = "None" if value is None else f"a {type(value).__name__}"
        raise TypeError(
            f"{found} names no model: expected the name of one on the hub or the path of a folder, such as "
            "'bert-base-uncased' or './model'"
        )
    return os.fspath(value)


def other_name(model: str) -> str | None:
    """Return the other name of a model on the hub.

    Args:
        model: `"bert-base-uncased"`, or `"google-bert/bert-base-uncased"`.

    Returns:
        The name with an owner for one without, and the other way round; None if the model has one name only.
    """
    owner, _, bare = model.rpartition("/")
    known = next((found for beginning, found in _OWNERS.items() if bare.startswith(beginning)), None)
    if known is None or owner not in ("", known):
        return None
    return bare if owner else f"{known}/{bare}"
