"""`transformers.utils_encoder_decoder`: keywords of a pair of models, split between the two."""

from __future__ import annotations

from typing import Any


def prepare_encoder_decoder_model_kwargs(**kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Split keywords between an encoder and a decoder.

    Args:
        **kwargs: Those that begin with `encoder_` or `decoder_` are for one of the two, and come before those of the
            same name that are for both.

    Returns:
        Keywords of the encoder and of the decoder, without the prefixes.
    """
    prefixes = ("encoder_", "decoder_")
    common = {name: value for name, value in kwargs.items() if not name.startswith(prefixes)}
    encoder, decoder = (
        {**common, **{name.removeprefix(prefix): value for name, value in kwargs.items() if name.startswith(prefix)}}
        for prefix in prefixes
    )
    return encoder, decoder
