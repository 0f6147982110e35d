"""The auto classes: configuration, tokenizer and models of a checkpoint, by its configuration."""

from __future__ import annotations

import os
import warnings
from typing import Any, ClassVar, NoReturn, TypeVar

import formers
from formers.auto.tables import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    MODEL_FOR_MASKED_LM_MAPPING,
    MODEL_FOR_MULTIPLE_CHOICE_MAPPING,
    MODEL_FOR_PRETRAINING_MAPPING,
    MODEL_FOR_QUESTION_ANSWERING_MAPPING,
    MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
    MODEL_MAPPING,
    MODEL_WITH_LM_HEAD_MAPPING,
    TF_MODEL_FOR_CAUSAL_LM_MAPPING,
    TF_MODEL_FOR_MASKED_LM_MAPPING,
    TF_MODEL_FOR_MULTIPLE_CHOICE_MAPPING,
    TF_MODEL_FOR_PRETRAINING_MAPPING,
    TF_MODEL_FOR_QUESTION_ANSWERING_MAPPING,
    TF_MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING,
    TF_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING,
    TF_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING,
    TF_MODEL_MAPPING,
    TF_MODEL_WITH_LM_HEAD_MAPPING,
    TOKENIZER_MAPPING,
    AutoTable,
)
from formers.configuration import PretrainedConfig
from formers.families import families
from formers.hub import split_hub_kwargs

Value = TypeVar("Value")


def _no_instances(cls: type, methods: str) -> NoReturn:
    raise OSError(f"{cls.__name__} makes objects of other classes and has none of its own: call {methods}")


class AutoConfig:
    """The configuration class that a checkpoint needs, found from the `model_type` in its `config.json`.

    Where the file has no `model_type`, the first model type (in the order of `CONFIG_MAPPING`) that occurs in the
    name or path is taken.
    """

    def __init__(self) -> None:
        _no_instances(type(self), "AutoConfig.from_pretrained(name_or_folder) or AutoConfig.for_model(model_type)")

    @classmethod
    def for_model(cls, model_type: str, *args: Any, **kwargs: Any) -> PretrainedConfig:
        """Make a new configuration.

        Args:
            model_type: Key of `CONFIG_MAPPING`, such as `"bert"`.
            *args: Passed to the configuration class.
            **kwargs: Passed to the configuration class.

        Raises:
            ValueError: If the model type is unknown; the message names the known ones.
        """
        return _config_class(model_type)(*args, **kwargs)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Any:
        """Read the configuration of a checkpoint.

        Args:
            pretrained_model_name_or_path: A name on the hub, a folder with a `config.json`, or a JSON file.
            **kwargs: As for `PretrainedConfig.from_pretrained`: `cache_dir`, `force_download`, `proxies`,
                `local_files_only`, `revision`, `return_unused_kwargs`; the rest overrides attributes.

        Returns:
            The configuration; with `return_unused_kwargs=True`, a pair of it and the keywords that name none of its
            attributes.

        Raises:
            OSError: If there is no configuration to read.
            ValueError: If its model type is unknown, or neither file nor name tells it.
        """
        config_dict, rest = PretrainedConfig.get_config_dict(pretrained_model_name_or_path, **kwargs)
        model_type = config_dict.get("model_type") or _model_type_in(os.fspath(pretrained_model_name_or_path))
        return _config_class(model_type, pretrained_model_name_or_path).from_dict(config_dict, **rest)


def _model_type_in(name: str) -> str:
    for model_type in CONFIG_MAPPING:
        if model_type in name:
            return model_type
    raise ValueError(
        f"{name!r}: its {formers.CONFIG_NAME} has no 'model_type', and its name contains none of the known ones. "
        f"Add the key to the file. Known model types: {', '.join(CONFIG_MAPPING)}"
    )


def _config_class(model_type: str, source: object = None) -> type[PretrainedConfig]:
    if isinstance(model_type, str) and model_type not in CONFIG_MAPPING:
        model_type = model_type.replace("_", "-")  # the files of encoder-decoder pairs say "encoder_decoder"
    if not isinstance(model_type, str) or model_type not in CONFIG_MAPPING:
        where = "" if source is None else f"{os.fspath(source)!r}: "  # type: ignore[call-overload]
        raise ValueError(f"{where}unknown model type {model_type!r}. Known model types: {', '.join(CONFIG_MAPPING)}")
    return CONFIG_MAPPING[model_type]


def _entry_for(cls: type, config: PretrainedConfig, table: AutoTable[type[PretrainedConfig], Value]) -> Value:
    """Return the entry of a configuration: that of its class, or of the family that a custom class inherits from."""
    known = {family.config for family in families().values() if family.classes}  # mBART has none of its own
    for config_class in type(config).__mro__:
        if config_class in table:
            return table[config_class]
        if config_class in known:
            break  # families inherit from each other, but a RoBERTa is not a BERT
    raise ValueError(
        f"{cls.__name__} has no class for a configuration of type {type(config).__name__}. "
        f"It has one for: {', '.join(key.__name__ for key in table)}"
    )


class AutoTokenizer:
    """The tokenizer class that a checkpoint needs, found from its configuration."""

    def __init__(self) -> None:
        _no_instances(type(self), "AutoTokenizer.from_pretrained(name_or_folder)")

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike[str], *inputs: Any, **kwargs: Any) -> Any:
        """Load the tokenizer of a checkpoint.

        Args:
            pretrained_model_name_or_path: A name on the hub, or a folder with a `config.json` and the vocabulary.
            *inputs: Passed to the tokenizer class.
            **kwargs: `config` (a configuration, or where to read one, instead of the checkpoint's own); `use_fast`
                (the `...Fast` class where there is one; default False); `cache_dir`, `force_download`, `proxies`,
                `local_files_only`, `revision`; the rest goes to the tokenizer class.

        Returns:
            The tokenizer.

        Raises:
            OSError: If configuration or vocabulary cannot be found.
            ValueError: If no tokenizer belongs to the configuration.
        """
        config = kwargs.pop("config", None)
        use_fast = kwargs.pop("use_fast", False)
        hub, rest = split_hub_kwargs(kwargs)
        if not isinstance(config, PretrainedConfig):
            config = AutoConfig.from_pretrained(pretrained_model_name_or_path if config is None else config, **hub)
        slow, fast = _entry_for(cls, config, TOKENIZER_MAPPING)
        tokenizer_class = fast if use_fast and fast is not None else slow
        return tokenizer_class.from_pretrained(  # type: ignore[attr-defined]
            pretrained_model_name_or_path, *inputs, **hub, **rest
        )


class _AutoModel:
    """What the auto classes of models share; each has its own table."""

    _table: ClassVar[AutoTable[type[PretrainedConfig], type]]

    def __init__(self) -> None:
        name = type(self).__name__
        _no_instances(type(self), f"{name}.from_pretrained(name_or_folder) or {name}.from_config(config)")

    @classmethod
    def from_config(cls, config: PretrainedConfig) -> Any:
        """Make a model with newly initialised weights.

        Args:
            config: Decides the class, and its sizes.

        Returns:
            The model.

        Raises:
            ValueError: If no class of this kind belongs to the configuration.
        """
        return _entry_for(cls, config, cls._table)(config)

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], *model_args: Any, **kwargs: Any
    ) -> Any:
        """Load a model; it is in evaluation mode.

        Args:
            pretrained_model_name_or_path: A name on the hub, or a folder (or with `config`, a file) of weights.
            *model_args: Passed to the model class.
            **kwargs: `config` (a configuration, or where to read one, instead of the checkpoint's own);
                `state_dict`, `from_tf`, `output_loading_info`; `cache_dir`, `force_download`, `resume_download`,
                `proxies`, `local_files_only`, `revision`; without `config`, the rest overrides attributes of the
                configuration.

        Returns:
            The model; with `output_loading_info=True`, a pair of it and the report of the load.

        Raises:
            OSError: If configuration or weights cannot be found.
            ValueError: If the model type is unknown, or no class of this kind belongs to it.
        """
        config = kwargs.pop("config", None)
        if not isinstance(config, PretrainedConfig):
            hub, rest = split_hub_kwargs(kwargs)
            config, rest = AutoConfig.from_pretrained(
                pretrained_model_name_or_path if config is None else config, return_unused_kwargs=True, **hub, **rest
            )
            kwargs = {**hub, **rest}
        model_class = _entry_for(cls, config, cls._table)
        return model_class.from_pretrained(  # type: ignore[attr-defined]
            pretrained_model_name_or_path, *model_args, config=config, **kwargs
        )


class _AutoModelWithLMHead(_AutoModel):
    """What the deprecated auto classes of language models share."""

    @classmethod
    def from_config(cls, config: PretrainedConfig) -> Any:
        """See `AutoModel.from_config`."""
        cls._warn()
        return super().from_config(config)

    @classmethod
    def from_pretrained(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], *model_args: Any, **kwargs: Any
    ) -> Any:
        """See `AutoModel.from_pretrained`."""
        cls._warn()
        return super().from_pretrained(pretrained_model_name_or_path, *model_args, **kwargs)

    @classmethod
    def _warn(cls) -> None:
        warnings.warn(
            f"{cls.__name__} is deprecated: use AutoModelForCausalLM, AutoModelForMaskedLM or AutoModelForSeq2SeqLM",
            FutureWarning,
            stacklevel=3,
        )


class AutoModel(_AutoModel):
    """The base model of a checkpoint: hidden states, no head."""

    _table = MODEL_MAPPING


class AutoModelForPreTraining(_AutoModel):
    """The model of a checkpoint with the heads it was pretrained with."""

    _table = MODEL_FOR_PRETRAINING_MAPPING


class AutoModelWithLMHead(_AutoModelWithLMHead):
    """The model of a checkpoint with its language modelling head, of whichever kind.

    Deprecated in favour of `AutoModelForCausalLM`, `AutoModelForMaskedLM` and `AutoModelForSeq2SeqLM`.
    """

    _table = MODEL_WITH_LM_HEAD_MAPPING


class AutoModelForCausalLM(_AutoModel):
    """The model of a checkpoint with a head that predicts the next token."""

    _table = MODEL_FOR_CAUSAL_LM_MAPPING


class AutoModelForMaskedLM(_AutoModel):
    """The model of a checkpoint with a head that predicts masked tokens."""

    _table = MODEL_FOR_MASKED_LM_MAPPING


class AutoModelForSeq2SeqLM(_AutoModel):
    """The encoder-decoder model of a checkpoint with a head that predicts the decoder's next token."""

    _table = MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING


class AutoModelForSequenceClassification(_AutoModel):
    """The model of a checkpoint with a head that gives one class (or number) a text."""

    _table = MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING


class AutoModelForQuestionAnswering(_AutoModel):
    """The model of a checkpoint with a head that marks the start and end of an answer."""

    _table = MODEL_FOR_QUESTION_ANSWERING_MAPPING


class AutoModelForTokenClassification(_AutoModel):
    """The model of a checkpoint with a head that gives one class a token."""

    _table = MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING


class AutoModelForMultipleChoice(_AutoModel):
    """The model of a checkpoint with a head that scores several texts against each other."""

    _table = MODEL_FOR_MULTIPLE_CHOICE_MAPPING


class TFAutoModel(_AutoModel):
    """`AutoModel` for TensorFlow."""

    _table = TF_MODEL_MAPPING


class TFAutoModelForPreTraining(_AutoModel):
    """`AutoModelForPreTraining` for TensorFlow."""

    _table = TF_MODEL_FOR_PRETRAINING_MAPPING


class TFAutoModelForMaskedLM(_AutoModel):
    """`AutoModelForMaskedLM` for TensorFlow, which v3.0.2 lacked."""

    _table = TF_MODEL_FOR_MASKED_LM_MAPPING


class TFAutoModelForCausalLM(_AutoModel):
    """`AutoModelForCausalLM` for TensorFlow, which v3.0.2 lacked."""

    _table = TF_MODEL_FOR_CAUSAL_LM_MAPPING


class TFAutoModelForSeq2SeqLM(_AutoModel):
    """`AutoModelForSeq2SeqLM` for TensorFlow, which v3.0.2 lacked."""

    _table = TF_MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING


class TFAutoModelForSequenceClassification(_AutoModel):
    """`AutoModelForSequenceClassification` for TensorFlow."""

    _table = TF_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING


class TFAutoModelForQuestionAnswering(_AutoModel):
    """`AutoModelForQuestionAnswering` for TensorFlow."""

    _table = TF_MODEL_FOR_QUESTION_ANSWERING_MAPPING


class TFAutoModelForTokenClassification(_AutoModel):
    """`AutoModelForTokenClassification` for TensorFlow."""

    _table = TF_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING


class TFAutoModelForMultipleChoice(_AutoModel):
    """`AutoModelForMultipleChoice` for TensorFlow."""

    _table = TF_MODEL_FOR_MULTIPLE_CHOICE_MAPPING


class TFAutoModelWithLMHead(_AutoModelWithLMHead):
    """`AutoModelWithLMHead` for TensorFlow (deprecated likewise)."""

    _table = TF_MODEL_WITH_LM_HEAD_MAPPING
