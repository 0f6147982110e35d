"""A model made of two has no architecture of its own: that of each part is its family's."""
from typing import NoReturn

from .configuration import EncoderDecoderConfig


def architecture(config: EncoderDecoderConfig) -> NoReturn:
    """Raise: there is none.

    Raises:
        ValueError: always.
    """
    raise ValueError("an encoder-decoder pair has no architecture of its own: see config.encoder and config.decoder")
