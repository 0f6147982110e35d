"""Marian's configuration: BART's."""

from __future__ import annotations

from typing import ClassVar

from formers.configuration import archive_map
from formers.families.bart.configuration import BartConfig

MARIAN_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(["Helsinki-NLP/opus-mt-en-de"])
PRETRAINED_CONFIG_ARCHIVE_MAP = MARIAN_PRETRAINED_CONFIG_ARCHIVE_MAP  # the documented module's name


class MarianConfig(BartConfig):
    """Configuration of a Marian model; see `BartConfig`."""

    model_type: ClassVar[str] = "marian"
