"""The configuration of a model: a bag of named values that is saved as `config.json`."""

from __future__ import annotations

import copy
import inspect
import json
import logging
import os
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar, Self

from formers.files import lfs_complaint, make_folder, write_text

logger = logging.getLogger(__name__)

CONFIG_NAME = "config.json"

# Every configuration has these, with these defaults (documented for `PretrainedConfig`).
_COMMON: dict[str, Any] = {
    "output_hidden_states": False,
    "output_attentions": False,
    "use_cache": True,
    "torchscript": False,
    "use_bfloat16": False,
    "pruned_heads": {},
    "is_encoder_decoder": False,
    "is_decoder": False,
    "max_length": 20,
    "min_length": 0,
    "do_sample": False,
    "early_stopping": False,
    "num_beams": 1,
    "temperature": 1.0,
    "top_k": 50,
    "top_p": 1.0,
    "repetition_penalty": 1.0,
    "length_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "bad_words_ids": None,
    "num_return_sequences": 1,
    "architectures": None,
    "finetuning_task": None,
    "id2label": {0: "LABEL_0", 1: "LABEL_1"},
    "label2id": {"LABEL_0": 0, "LABEL_1": 1},
    "prefix": None,
    "bos_token_id": None,
    "pad_token_id": None,
    "eos_token_id": None,
    "decoder_start_token_id": None,
    "task_specific_params": None,
    "xla_device": None,
}


class PretrainedConfig:
    """Base class of all configurations.

    A subclass sets its own attributes and then calls `super().__init__(**kwargs)`, so that extra keywords
    (aliases included) have the last word. One whose attributes are its arguments calls
    `super().__init__(**given(locals()))`.

    Args:
        **kwargs: Any attribute. Those every model knows: `output_hidden_states`, `output_attentions`, `use_cache`,
            `torchscript`, `pruned_heads` (layer -> list of heads), `is_encoder_decoder`, `is_decoder`;
            `num_labels`, or `id2label` / `label2id`; `finetuning_task`, `architectures`, `task_specific_params`;
            the token ids `bos_token_id`, `pad_token_id`, `eos_token_id`, `decoder_start_token_id`; and the defaults
            of `generate()`: `max_length`, `min_length`, `do_sample`, `early_stopping`, `num_beams`, `temperature`,
            `top_k`, `top_p`, `repetition_penalty`, `length_penalty`, `no_repeat_ngram_size`, `bad_words_ids`,
            `num_return_sequences`. Other keywords become attributes too and are saved with the rest.
    """

    model_type: ClassVar[str] = ""

    # Known to the blocks, but part of `config.json` only where a user sets them.
    chunk_size_feed_forward: int = 0
    gradient_checkpointing: bool = False
    tie_word_embeddings: bool = True

    def __init__(self, **kwargs: Any) -> None:
        for name, default in _COMMON.items():
            setattr(self, name, copy.copy(default))
        if self.model_type:
            found = kwargs.pop("model_type", self.model_type)
            if found != self.model_type:
                logger.warning(
                    "a configuration of model type %r is read as %s (model type %r)",
                    found,
                    type(self).__name__,
                    self.model_type,
                )
        self.update(kwargs)
        self._check_numbers()

    def _check_numbers(self) -> None:
        """Refuse what is not a whole number where one is meant, before a model fails over it."""
        for name, parameter in inspect.signature(type(self).__init__).parameters.items():
            if parameter.annotation not in (int, "int"):
                continue
            value = getattr(self, name, 0)
            if not isinstance(value, Integral):
                raise TypeError(
                    f"{name} of {type(self).__name__} is {value!r} ({type(value).__name__}), and a whole number was "
                    "expected"
                )

    if TYPE_CHECKING:  # every subclass, and every file, has attributes of its own

        def __getattr__(self, name: str) -> Any: ...

    @property
    def num_labels(self) -> int:
        """Number of classes of a classification head. Setting it renames them `LABEL_0`, `LABEL_1`, ..."""
        return len(self.id2label)

    @num_labels.setter
    def num_labels(self, count: int) -> None:
        self.id2label = {i: f"LABEL_{i}" for i in range(count)}
        self.label2id = {name: i for i, name in self.id2label.items()}

    def update(self, config_dict: Mapping[str, Any]) -> None:
        """Set attributes.

        Args:
            config_dict: Attribute -> value. The keys of `pruned_heads` and `id2label` may be text, as JSON has them.
                Where only one of `id2label` and `label2id` is there, the other follows from it, and `num_labels`
                counts for nothing beside them.

        Raises:
            ValueError: If a name cannot be an attribute, or a table has keys that are not numbers.
        """
        id2label, label2id = config_dict.get("id2label"), config_dict.get("label2id")
        named = id2label is not None or label2id is not None
        for name, value in config_dict.items():
            if name.startswith("__") or callable(getattr(type(self), name, None)):
                raise ValueError(f"{name!r} cannot be an attribute of {type(self).__name__}: it has another meaning")
            if (name == "num_labels" and named) or (name in ("id2label", "label2id") and value is None):
                continue
            if value is not None and name in ("id2label", "pruned_heads"):
                value = _with_int_keys(name, value)
            setattr(self, name, value)
        if id2label is not None and label2id is None:
            self.label2id = {name: i for i, name in self.id2label.items()}
        elif label2id is not None and id2label is None:
            self.id2label = {int(i): name for name, i in label2id.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return all attributes, and `model_type`, as a dictionary of their own."""
        output = copy.deepcopy(self.__dict__)
        output["model_type"] = self.model_type
        return output

    def to_diff_dict(self) -> dict[str, Any]:
        """Return the attributes that differ from those of a plain `PretrainedConfig`: what `config.json` holds.

        Also those that a new configuration of this class would have otherwise, so that they come back.
        """
        plain = PretrainedConfig().to_dict()
        try:
            new = type(self)().to_dict()
        except (TypeError, ValueError, AssertionError):  # a class that cannot do without arguments
            new = plain
        return {
            name: value
            for name, value in self.to_dict().items()
            if name not in plain or value != plain[name] or value != new.get(name, value)
        }

    def to_json_string(self, use_diff: bool = True) -> str:
        """Return the configuration as JSON text.

        Args:
            use_diff: Leave out what has its default value.
        """
        return json.dumps(self.to_diff_dict() if use_diff else self.to_dict(), indent=2, sort_keys=True) + "\n"

    def to_json_file(self, json_file_path: str | os.PathLike[str], use_diff: bool = True) -> None:
        """Write `to_json_string(use_diff)` to a file, atomically."""
        write_text(json_file_path, self.to_json_string(use_diff=use_diff))

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> None:
        """Write `config.json` into a folder (made if missing), for `from_pretrained` to read.

        Raises:
            NotADirectoryError: If `save_directory` is a file.
        """
        self.to_json_file(make_folder(save_directory) / CONFIG_NAME)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any) -> Any:
        """Read a configuration.

        Args:
            pretrained_model_name_or_path: A name on the hub (`"bert-base-uncased"`, `"owner/model"`), a folder
                with a `config.json`, or a JSON file.
            **kwargs: `cache_dir`, `force_download`, `proxies`, `local_files_only`, `revision`, `token`,
                `subfolder` (where to get the file); `return_unused_kwargs`; anything else overrides the
                attribute of that name.

        Returns:
            The configuration; with `return_unused_kwargs=True`, a pair of it and the keywords that name none of its
            attributes.

        Raises:
            OSError: If there is no such file, it cannot be fetched, or it is not a JSON object.
        """
        config_dict, kwargs = cls.get_config_dict(pretrained_model_name_or_path, **kwargs)
        return cls.from_dict(config_dict, **kwargs)

    @classmethod
    def get_config_dict(
        cls, pretrained_model_name_or_path: str | os.PathLike[str], **kwargs: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Find and read a `config.json`, without making a configuration of it.

        Args:
            pretrained_model_name_or_path: As in `from_pretrained`.
            **kwargs: As in `from_pretrained`.

        Returns:
            The content of the file, and the keywords that do not say where to get it.

        Raises:
            OSError: If there is no such file, it cannot be fetched, or it is not a JSON object.
        """
        from formers.hub import cached_file, path_or_name, split_hub_kwargs
        from formers.url_cache import URL_KEYWORDS, cached_path, is_remote_url

        hub, rest = split_hub_kwargs(kwargs)
        name = path_or_name(pretrained_model_name_or_path)
        path: str | None
        if os.path.isfile(name):
            path = name
        elif is_remote_url(name):
            path = cached_path(name, **{key: value for key, value in hub.items() if key in URL_KEYWORDS})
        else:
            path = cached_file(name, CONFIG_NAME, **hub)
        assert path is not None  # `cached_file` raises where a required file is absent
        return read_json_object(path), rest

    @classmethod
    def from_dict(cls, config_dict: Mapping[str, Any], **kwargs: Any) -> Any:
        """Make a configuration from a dictionary.

        Args:
            config_dict: Attributes, as `to_dict` gives them.
            **kwargs: Override attributes that exist; `return_unused_kwargs=True` returns the others too.

        Returns:
            The configuration, or with `return_unused_kwargs=True` a pair of it and the unused keywords.
        """
        return_unused_kwargs = kwargs.pop("return_unused_kwargs", False)
        config = cls(**config_dict)
        used = {name: value for name, value in kwargs.items() if hasattr(config, name)}
        if used.get("num_labels") == config.num_labels:
            del used["num_labels"]  # already so: keep the names of the labels
        config.update(used)
        unused = {name: value for name, value in kwargs.items() if not hasattr(config, name)}
        return (config, unused) if return_unused_kwargs else config

    @classmethod
    def from_json_file(cls, json_file: str | os.PathLike[str]) -> Self:
        """Read a configuration from a JSON file.

        Raises:
            OSError: If the file is missing or holds no JSON object.
        """
        return cls(**read_json_object(json_file))

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]  # it can change

    def __repr__(self) -> str:
        return f"{type(self).__name__} {self.to_json_string()}"


def _with_int_keys(name: str, table: Any) -> dict[int, Any]:
    try:
        return {int(key): value for key, value in table.items()}
    except (AttributeError, TypeError, ValueError) as error:
        raise ValueError(f"{name} must map numbers to values, and {table!r} does not") from error


def read_json_object(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Raises:
        OSError: If it cannot be read, is not UTF-8 text, or holds something else; the message names the file.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if complaint := lfs_complaint(text[:200].encode()):
            raise OSError(f"{os.fspath(path)} {complaint}")
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise OSError(f"{os.fspath(path)} is not a JSON file ({error}): replace it by a complete one") from error
    if not isinstance(content, dict):
        raise OSError(f"{os.fspath(path)} holds a JSON {type(content).__name__}, and an object {{...}} was expected")
    return content


def alias(name: str) -> Any:
    """Make a second name for an attribute of a configuration, to be read and set (`hidden_size` for `dim`)."""

    def get(config: PretrainedConfig) -> Any:
        return getattr(config, name)

    def set_(config: PretrainedConfig, value: Any) -> None:
        setattr(config, name, value)

    return property(get, set_, doc=f"The same as `{name}`.")


def given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the `__init__` of a configuration was given, its defaults included.

    Args:
        arguments: Its `locals()`; keywords that it does not name are under `kwargs`.

    Returns:
        Name -> value, the unnamed keywords last.
    """
    named = {name: value for name, value in arguments.items() if name not in ("self", "kwargs", "__class__")}
    return {**named, **arguments["kwargs"]}


def archive_map(names: Iterable[str]) -> dict[str, str]:
    """Return model name -> address of its `config.json`: the documented `*_PRETRAINED_CONFIG_ARCHIVE_MAP`."""
    return {name: f"https://huggingface.co/{name}/resolve/main/{CONFIG_NAME}" for name in names}
