"""mBART's configuration: BART's under another name, with the settings in the checkpoint's file."""

from __future__ import annotations

from typing import ClassVar

from formers.configuration import archive_map
from formers.families.bart.configuration import BartConfig

MBART_PRETRAINED_CONFIG_ARCHIVE_MAP = archive_map(["facebook/mbart-large-en-ro"])


class MBartConfig(BartConfig):
    """Configuration of an mBART model; see `BartConfig`."""

    model_type: ClassVar[str] = "mbart"
