"""The configuration of a model made of an encoder and a decoder of any families."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from formers.configuration import PretrainedConfig


class EncoderDecoderConfig(PretrainedConfig):
    """Configuration of a model made of two.

    Args:
        **kwargs: `encoder` and `decoder`, the configurations of the parts, as dictionaries with a `model_type` or as
            objects; and see `PretrainedConfig`.

    Raises:
        ValueError: a part is missing, or its model type unknown.
    """

    model_type: ClassVar[str] = "encoder_decoder"

    def __init__(self, **kwargs: Any) -> None:
        self.encoder = _part("encoder", kwargs)
        self.decoder = _part("decoder", kwargs)
        super().__init__(**{"is_encoder_decoder": True, **kwargs})

    @classmethod
    def from_encoder_decoder_configs(cls, encoder_config: PretrainedConfig, decoder_config: PretrainedConfig) -> Self:
        """Join the configurations of two models, and let the second be a decoder's."""
        decoder_config.is_decoder = True  # type: ignore[attr-defined]
        return cls(encoder=encoder_config.to_dict(), decoder=decoder_config.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Return all attributes, those of the parts within, and `model_type`, as a dictionary of their own."""
        output = copy.deepcopy(self.__dict__)
        output |= {"encoder": self.encoder.to_dict(), "decoder": self.decoder.to_dict(), "model_type": self.model_type}
        return output


def _part(name: str, kwargs: dict[str, Any]) -> PretrainedConfig:
    from formers.families import families

    if name not in kwargs:
        raise ValueError(f"EncoderDecoderConfig needs the configurations 'encoder' and 'decoder': {name!r} is missing")
    part = kwargs.pop(name)
    if isinstance(part, PretrainedConfig):
        return part
    model_type = part.get("model_type") if isinstance(part, Mapping) else None
    if model_type not in families():
        raise ValueError(f"{name} has the model type {model_type!r}. Known model types: {', '.join(families())}")
    return families()[model_type].config(**{key: value for key, value in part.items() if key != "model_type"})
