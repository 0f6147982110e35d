"""What a family tells the library about itself, below all backends."""
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from formers.architecture import Architecture, Task
from formers.architecture.keras_names import KerasLayout
from formers.architecture.names import NameTable
from formers.configuration import PretrainedConfig


@dataclass(frozen=True)
class PublicClass:
    """One public model class, in any framework.

    Attributes:
        name: name of the PyTorch class; the Keras twin has `TF` before it.
        task: what it takes and gives.
        kinds: what it is for (`masked_lm`, ...): its entries in the auto classes.
        keras: what the Keras twin takes and gives; None where there is no twin.
        containers: path in the PyTorch model -> class of the container of head parts there, where models of the family
            differ.
    """

    name: str
    task: Task
    kinds: tuple[str, ...] = ()
    keras: Task | None = None
    containers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """One family of models; each folder in `families` holds one as `FAMILY`.

    Attributes:
        model_type: value of `model_type` in its configs.
        config: class of its configs.
        architecture: config -> architecture.
        names: the names of its parts.
        tokenizers: names of its tokenizer classes: the documented one and the fast one, or None; empty without any.
        public: its model classes.
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
    public: tuple[PublicClass, ...] = ()
    prefix: str = ""
    keras_layout: KerasLayout = field(default_factory=KerasLayout)
    prompt_prefix: str = ""

    @property
    def classes(self) -> dict[str, str]:
        """What a model is for -> name of the PyTorch class."""
        return {kind: public.name for public in self.public for kind in public.kinds}
