"""What a family tells the library about itself."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formers.architecture import Architecture
from formers.checkpoint.keras_names import KerasLayout
from formers.checkpoint.names import NameTable
from formers.configuration import PretrainedConfig


@dataclass(frozen=True)
class Family:
    """One family of models; each folder beside this file holds one as `FAMILY`.

    Attributes:
        model_type: value of `model_type` in its configs.
        config: class of its configs.
        architecture: config -> architecture.
        names: its names in checkpoint files.
        tokenizers: names of its tokenizer classes: the documented one and the fast one, or None; empty without any.
        classes: what a model is for -> name of the PyTorch class; the Keras twin bears `TF` before it.
        prefix: the attribute of a model with heads that is its base model, and the prefix of its weights in files.
        keras_layout: what Keras calls its weights in `tf_model.h5`.
        prompt_prefix: text that the pipeline for text generation puts before prompts, because the models write badly
            after short ones.
    """

    model_type: str
    config: type[PretrainedConfig]
    architecture: Callable[[Any], Architecture]
    names: NameTable
    tokenizers: tuple[str, str | None] | tuple[()]
    classes: Mapping[str, str] = field(default_factory=dict)
    prefix: str = ""
    keras_layout: KerasLayout = field(default_factory=KerasLayout)
    prompt_prefix: str = ""
