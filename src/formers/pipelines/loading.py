"""Loading the model and the tokenizer of a pipeline."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from formers.configuration import PretrainedConfig

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Source:
    """How a pipeline's model and tokenizer are loaded.

    Attributes:
        task: Name of the task.
        definition: Its entry in `SUPPORTED_TASKS`.
        framework: `"pt"` or `"tf"`.
        hub: Keywords that say where files come from.
        dtype: PyTorch type of the model, or None for that of its weights.
        form: Keywords that give a PyTorch model's weights another form.
    """

    task: str
    definition: Mapping[str, Any]
    framework: str
    hub: Mapping[str, Any]
    dtype: Any
    form: Mapping[str, Any]

    def default(self, part: str) -> Any:
        """Return the task's default `"model"`, `"config"` or `"tokenizer"`; None if it has none."""
        value = (self.definition.get("default") or {}).get(part)
        return value.get(self.framework) if isinstance(value, Mapping) else value

    def load(self, model: Any, config: Any = None, tokenizer: Any = None) -> tuple[Any, Any]:
        """Load model and tokenizer; what is neither a name nor a folder stays as it is.

        Args:
            model: A model, or the name or folder of one.
            config: A configuration, or where to read one; by default the model's own.
            tokenizer: A tokenizer, the name or folder of one, or a pair of that and keywords for loading it; by
                default that of the model, else that of the configuration.

        Returns:
            The model and the tokenizer.
        """
        options: Mapping[str, Any] = {}
        if tokenizer is None:
            tokenizer = _tokenizer_source(model, config)
        elif isinstance(tokenizer, tuple):
            tokenizer, options = tokenizer
        if isinstance(model, str | os.PathLike):
            config = self._load_config(model, config)
        if isinstance(tokenizer, str | os.PathLike):
            from formers.auto import AutoTokenizer

            # The file that the model's configuration was read from need not be read again.
            known = {"config": config} if tokenizer == model and isinstance(config, PretrainedConfig) else {}
            tokenizer = AutoTokenizer.from_pretrained(tokenizer, **{**known, **self.hub, **options})
        if isinstance(model, str | os.PathLike):
            model = self._load_model(os.fspath(model), config)
        elif self.dtype is not None:
            model = model.to(self.dtype)
        return model, tokenizer

    @property
    def _model_class(self) -> Any:
        """Return the class that loads the task's model.

        Raises:
            ValueError: If the task has none for this framework.
        """
        found = self.definition.get(self.framework)
        if found is None:
            name = {"pt": "PyTorch", "tf": "TensorFlow"}[self.framework]
            raise ValueError(
                f"the task {self.task!r} has no class that loads a model in {name}: "
                f"SUPPORTED_TASKS[{self.task!r}][{self.framework!r}] is None, so pass a model that is loaded already"
            )
        return found

    def _load_config(self, model: str | os.PathLike[str], config: Any) -> PretrainedConfig:
        if isinstance(config, PretrainedConfig):
            return config
        from formers.auto import AutoConfig

        # A model class knows its configuration; an auto class finds it by the file.
        reader = getattr(self._model_class, "config_class", None) or AutoConfig
        return reader.from_pretrained(model if config is None else config, **self.hub)

    def _load_model(self, name: str, config: PretrainedConfig) -> Any:
        given = {"dtype": self.dtype} if self.dtype is not None else {}
        model, info = self._model_class.from_pretrained(
            name, config=config, output_loading_info=True, **given, **self.form, **self.hub
        )
        unused: frozenset[str] = getattr(self.definition["impl"], "_unused_parts", frozenset())
        initialized = [key for key in info["initialized_keys"] if unused.isdisjoint(key.split("."))]
        if initialized:
            shown = ", ".join(initialized[:6]) + (f" and {len(initialized) - 6} more" if len(initialized) > 6 else "")
            logger.warning(
                "THE RESULTS OF THIS PIPELINE ARE RANDOM: %s has no trained weights for %s (%s). "
                "It was made for something else than %r; train it for this task, or name a model that was",
                name, shown, type(model).__name__, self.task,
            )  # fmt: skip
        return model


def _tokenizer_source(model: Any, config: Any) -> Any:
    """Return the name or folder that a tokenizer is to be loaded from.

    Raises:
        ValueError: If neither model nor configuration names one.
    """
    for source in (model, config):
        if isinstance(source, str | os.PathLike):
            return source
    raise ValueError(
        f"no tokenizer can be told from a model object ({type(model).__name__}): "
        "pass tokenizer= with a tokenizer, or with the name or folder of one"
    )
