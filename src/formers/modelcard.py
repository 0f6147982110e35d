"""Model cards: what a model is for, how it was made and how well it does, saved as `modelcard.json`."""

from __future__ import annotations

import copy
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from formers.configuration import CONFIG_NAME, read_json_object
from formers.files import write_text

logger = logging.getLogger(__name__)

MODEL_CARD_NAME = "modelcard.json"

# The sections that "Model Cards for Model Reporting" (Mitchell et al., https://arxiv.org/abs/1810.03993) recommends.
_SECTIONS = (
    "model_details",
    "intended_use",
    "factors",
    "metrics",
    "evaluation_data",
    "training_data",
    "quantitative_analyses",
    "ethical_considerations",
    "caveats_and_recommendations",
)


class ModelCard:
    """A model card as a bag of sections, each a dictionary (or text) of the author's own shape.

    Args:
        **kwargs: `model_details`, `intended_use`, `factors`, `metrics`, `evaluation_data`, `training_data`,
            `quantitative_analyses`, `ethical_considerations`, `caveats_and_recommendations` (empty by default), and
            any other section.
    """

    def __init__(self, **kwargs: Any) -> None:
        for section in _SECTIONS:
            setattr(self, section, kwargs.pop(section, {}))
        self._update(kwargs)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def _update(self, sections: Mapping[str, Any]) -> None:
        for name, value in sections.items():
            if name.startswith("__") or callable(getattr(type(self), name, None)):
                raise ValueError(f"{name!r} cannot be a section of a model card: it has another meaning")
            setattr(self, name, value)

    def save_pretrained(self, save_directory_or_file: str | os.PathLike[str]) -> None:
        """Write the card to a file, or as `modelcard.json` into a folder that exists."""
        path = Path(save_directory_or_file)
        self.to_json_file(path / MODEL_CARD_NAME if path.is_dir() else path)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Any:
        """Read the card of a model; a model without one gives an empty card.

        Args:
            pretrained_model_name_or_path: A name on the hub, a folder, or a file or web address of a card.
            **kwargs: Where to get the file (`cache_dir`, `proxies`, `local_files_only`, ...);
                `find_from_standard_name` (default True): for the path of a weights or configuration file, take the
                card beside it; `return_unused_kwargs`; anything else replaces a section of that name.

        Returns:
            The card; with `return_unused_kwargs=True`, a pair of it and the keywords that name no section.

        Raises:
            OSError: If the file is not a JSON object.
        """
        from formers.hub import HubError, cached_file, split_hub_kwargs
        from formers.url_cache import URL_KEYWORDS, cached_path, is_remote_url

        hub, rest = split_hub_kwargs(kwargs)
        find_from_standard_name = rest.pop("find_from_standard_name", True)
        return_unused_kwargs = rest.pop("return_unused_kwargs", False)
        name = os.fspath(pretrained_model_name_or_path)
        if find_from_standard_name and name.endswith((CONFIG_NAME, "pytorch_model.bin", "tf_model.h5", ".safetensors")):
            name = name[: len(name) - len(name.replace("\\", "/").rsplit("/", 1)[-1])] + MODEL_CARD_NAME
        path: str | None = name
        if is_remote_url(name):
            path = cached_path(name, **{key: value for key, value in hub.items() if key in URL_KEYWORDS})
        elif not os.path.isfile(name):
            try:
                path = cached_file(name.removesuffix("/" + MODEL_CARD_NAME), MODEL_CARD_NAME, required=False, **hub)
            except HubError as error:
                logger.warning("no model card of %s, an empty one is used: %s", name, error)
                path = None
        card = cls.from_json_file(path) if path is not None else cls()
        used = {key: value for key, value in rest.items() if hasattr(card, key)}
        card._update(used)
        unused = {key: value for key, value in rest.items() if key not in used}
        return (card, unused) if return_unused_kwargs else card

    @classmethod
    def from_dict(cls, json_object: Mapping[str, Any]) -> Self:
        """Make a card from a dictionary of its sections."""
        return cls(**json_object)

    @classmethod
    def from_json_file(cls, json_file: str | os.PathLike[str]) -> Self:
        """Read a card from a JSON file.

        Raises:
            OSError: If the file is missing or holds no JSON object.
        """
        return cls(**read_json_object(json_file))

    def to_dict(self) -> dict[str, Any]:
        """Return all sections, as a dictionary of their own."""
        return copy.deepcopy(self.__dict__)

    def to_json_string(self) -> str:
        """Return the card as JSON text."""
        return json.dumps(self.to_dict(), indent=2, sort_keys=True) + "\n"

    def to_json_file(self, json_file_path: str | os.PathLike[str]) -> None:
        """Write the card to a file, atomically."""
        write_text(json_file_path, self.to_json_string())

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it can change

    def __repr__(self) -> str:
        return self.to_json_string()
