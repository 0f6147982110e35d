"""Tokenizers from files and to files: `from_pretrained` and `save_pretrained`.

Files of a tokenizer: the vocabulary (`vocab_files_names` of its class), `tokenizer_config.json` (arguments of its
class), `special_tokens_map.json` (special tokens by role), `added_tokens.json` (tokens added later, with their ids),
and `tokenizer.json` (all in one, the format of the `tokenizers` library).
"""

from __future__ import annotations

import inspect
import json
import logging
import os
from typing import Any, Self

from tokenizers import AddedToken

from formers.files import make_folder, write_text
from formers.hub import cached_file, find_file, path_or_name, split_hub_kwargs
from formers.tokenization.special_tokens import SpecialTokensMixin
from formers.tokenization.types import LARGE_INTEGER, Token, text_of

logger = logging.getLogger(__name__)

SPECIAL_TOKENS_MAP_FILE = "special_tokens_map.json"
ADDED_TOKENS_FILE = "added_tokens.json"
TOKENIZER_CONFIG_FILE = "tokenizer_config.json"
FULL_TOKENIZER_FILE = "tokenizer.json"

# Keys of tokenizer_config.json that are not arguments: they would name files or code, or are for other libraries.
_NOT_ARGUMENTS = {
    "added_tokens_decoder",
    "auto_map",
    "backend",
    "chat_template",
    "full_tokenizer_file",
    "init_inputs",
    "is_local",
    "name_or_path",
    "special_tokens_map_file",
    "tokenizer",
    "tokenizer_class",
    "tokenizer_file",
    "tokenizer_object",
    "transformers_version",
    "vocab",
    "merges",
}
# How AddedToken marks itself in JSON files of later libraries, and fields the `tokenizers` class does not take.
_TOKEN_MARKS = {"__type", "id"}


class LoadingMixin:
    """Reads tokenizers from files and writes them."""

    vocab_files_names: dict[str, str] = {}
    pretrained_vocab_files_map: dict[str, dict[str, str]] = {}
    pretrained_init_configuration: dict[str, dict[str, Any]] = {}
    max_model_input_sizes: dict[str, int | None] = {}

    @classmethod
    def from_pretrained(cls, *inputs: Any, **kwargs: Any) -> Self:
        """Load a tokenizer.

        Args:
            *inputs: First the name of a model on the hub (`"bert-base-uncased"`), a folder with the files of a
                tokenizer, or, where the class has but one vocabulary file, that file; then arguments of the class.
            **kwargs: Arguments of the class, which go before what the files say, and where to get files:
                `cache_dir`, `force_download`, `proxies`, `local_files_only`, `revision`, `subfolder`.

        Returns:
            The tokenizer.

        Raises:
            OSError: If there are no vocabulary files.
            ValueError: If a single file is given and the class needs several, or a file does not hold what it should.
        """
        if not inputs:
            inputs = (kwargs.pop("pretrained_model_name_or_path"),)
        name, arguments = path_or_name(inputs[0]), inputs[1:]
        hub, kwargs = split_hub_kwargs(kwargs)
        known = dict(cls.pretrained_init_configuration.get(name, {}))
        if os.path.isfile(name):
            files = cls._single_file(name)
        else:
            config_file = cached_file(name, TOKENIZER_CONFIG_FILE, required=False, **hub)
            if config_file is not None and os.path.isdir(name):
                known = {}  # a folder that was saved is not the model on the hub, even if it is called like one
            known.update(_read_json(config_file))
            files = cls._vocabulary_files(name, hub)
        saved_inputs = known.get("init_inputs", ())
        init_kwargs = {key: _from_json(value) for key, value in known.items() if key not in _NOT_ARGUMENTS}
        init_kwargs = {key: value for key, value in init_kwargs.items() if not key.endswith("_file")}
        added: dict[int, Token] = {}
        roles: dict[str, Any] = {}
        if not os.path.isfile(name):
            in_file = _read_json(cached_file(name, SPECIAL_TOKENS_MAP_FILE, required=False, **hub))
            known_roles = SpecialTokensMixin.SPECIAL_TOKENS_ATTRIBUTES
            roles = {key: _from_json(in_file[key]) for key in known_roles if key in in_file and key not in kwargs}
            init_kwargs = {**roles, **init_kwargs}
            table = _added_in_config(known)
            ids = {token.content: index for index, token in table.items()}
            ids.update(_read_json(cached_file(name, ADDED_TOKENS_FILE, required=False, **hub)))
            written = {token.content: token for token in table.values()}
            added = cls._with_options(ids, written, name, hub)
        init_kwargs.update(kwargs)
        cls._limit_length(name, init_kwargs)
        tokenizer = cls(*(arguments or saved_inputs), **{**files, **init_kwargs})
        tokenizer.init_inputs = tuple(arguments or saved_inputs)  # type: ignore[attr-defined]
        tokenizer.init_kwargs = {**files, **init_kwargs}  # type: ignore[attr-defined]
        # The map is newer than the arguments: tokens may have got their roles after the tokenizer was made.
        for role, token in roles.items():
            tokenizer._set_role(role, token)  # type: ignore[attr-defined]
        tokenizer._restore_added(added)
        return tokenizer

    @classmethod
    def _single_file(cls, path: str) -> dict[str, str]:
        names = cls.vocab_files_names
        if os.path.basename(path) == FULL_TOKENIZER_FILE:
            return dict.fromkeys(names or ["tokenizer_file"], path)
        if len(names) != 1:
            raise ValueError(
                f"Calling {cls.__name__}.from_pretrained() with the path to a single file is not supported: it needs "
                f"{', '.join(names.values()) or FULL_TOKENIZER_FILE}. Use the path of the folder that holds them, or a "
                "model identifier."
            )
        logger.warning(
            "Calling %s.from_pretrained() with the path to a single file or url is deprecated: "
            "use the path of the folder that holds it, or %s(...) itself.",
            cls.__name__,
            cls.__name__,
        )
        return {next(iter(names)): path}

    @classmethod
    def _vocabulary_files(cls, name: str, hub: dict[str, Any]) -> dict[str, str]:
        """Find the local path of each vocabulary file; `tokenizer.json` takes the place of those that are missing."""
        wanted = {key: names for key, names in cls.vocab_files_names.items() if key not in cls._optional_files()}
        found = {key: find_file(name, [file], **hub) for key, file in cls.vocab_files_names.items()}
        if not wanted or any(found[key] is None for key in wanted):
            full = find_file(name, [FULL_TOKENIZER_FILE], **hub)
            if full is None:
                files = " and ".join(wanted.values()) or FULL_TOKENIZER_FILE
                where = "folder" if os.path.isdir(name) else "model"
                raise OSError(
                    f"Can't load the tokenizer {cls.__name__}: the {where} {name!r} has no {files}, and no "
                    f"{FULL_TOKENIZER_FILE} either. Expected a folder, or a model identifier, that has them; names "
                    f"known for this class: {', '.join(cls.max_model_input_sizes) or 'none'}."
                )
            found.update(dict.fromkeys(wanted or ["tokenizer_file"], full))
        return {key: path for key, path in found.items() if path is not None}

    @classmethod
    def _optional_files(cls) -> set[str]:
        """List the vocabulary files that a tokenizer can do without."""
        return set()

    @classmethod
    def _limit_length(cls, name: str, init_kwargs: dict[str, Any]) -> None:
        """Lower a limit from the arguments to that of the model."""
        limit = cls.max_model_input_sizes.get(name)
        if isinstance(limit, int):
            given = init_kwargs.get("model_max_length")
            init_kwargs["model_max_length"] = min(given if given is not None else limit, limit)

    @classmethod
    def _with_options(
        cls, ids: dict[str, int], written: dict[str, AddedToken], name: str, hub: dict[str, Any]
    ) -> dict[int, Token]:
        """Find the options (`lstrip`, ...) of added tokens.

        Args:
            ids: Their ids by text.
            written: Those whose options `tokenizer_config.json` has.
            name: The folder or model.
            hub: Where to get files.

        Returns:
            The tokens by id, in the order of their ids.
        """
        return {index: written.get(text, text) for text, index in sorted(ids.items(), key=lambda item: item[1])}

    def _restore_added(self, added: dict[int, Token]) -> None:
        """Add tokens that were saved.

        Args:
            added: The tokens by id, in the order of their ids.
        """
        tokenizer: Any = self
        by_role = {text_of(token): token for token in tokenizer.all_special_tokens_extended}
        tokenizer._restore_tokens(
            {index: by_role.get(text_of(token), token) for index, token in added.items()}, frozenset(by_role)
        )
        if tokenizer.sanitize_special_tokens():
            logger.warning(
                "Special tokens have been added in the vocabulary, make sure the associated word embedding are "
                "fine-tuned or trained."
            )

    def save_pretrained(self, save_directory: str | os.PathLike[str]) -> tuple[str, ...]:
        """Write the files of the tokenizer, so that `from_pretrained` can read them.

        Args:
            save_directory: Folder to write to; made if it is missing.

        Returns:
            Paths of the vocabulary files, the special tokens map and the added tokens.

        Raises:
            NotADirectoryError: If `save_directory` is a file.
        """
        tokenizer: Any = self
        folder = make_folder(save_directory)
        vocabulary = self.save_vocabulary(str(folder))
        roles_path, added_path = str(folder / SPECIAL_TOKENS_MAP_FILE), str(folder / ADDED_TOKENS_FILE)
        write_text(folder / TOKENIZER_CONFIG_FILE, _json(self._config_to_save()))
        write_text(roles_path, _json(tokenizer.special_tokens_map_extended))
        added = tokenizer.get_added_vocab()
        if added:
            write_text(added_path, _json(added))
        elif os.path.exists(added_path):
            os.remove(added_path)  # of another tokenizer, saved here before
        return (*vocabulary, roles_path, added_path)

    def _config_to_save(self) -> dict[str, Any]:
        """Collect the arguments that make this tokenizer again from its vocabulary files."""
        tokenizer: Any = self
        config = {**self._changed_options(), **tokenizer.init_kwargs}
        if tokenizer.init_inputs:
            config["init_inputs"] = list(tokenizer.init_inputs)
        for key in (*self.vocab_files_names, "tokenizer_file", "tokenizer_object", "verbose"):
            config.pop(key, None)
        if tokenizer.model_max_length <= LARGE_INTEGER:
            config.setdefault("model_max_length", tokenizer.model_max_length)
        if tokenizer.padding_side != type(self).padding_side:  # type: ignore[attr-defined]
            config.setdefault("padding_side", tokenizer.padding_side)
        return config

    def _changed_options(self) -> dict[str, Any]:
        """Collect the arguments of the class, besides special tokens, that differ from their defaults."""
        found = {}
        roles = SpecialTokensMixin.SPECIAL_TOKENS_ATTRIBUTES[:-1]
        for name, parameter in inspect.signature(type(self).__init__).parameters.items():
            if parameter.default is inspect.Parameter.empty or name in roles:
                continue
            value = getattr(self, name, parameter.default)
            if value != parameter.default and isinstance(value, (bool, int, float, str, list, dict)):
                found[name] = value
        return found

    def save_vocabulary(self, save_directory: str) -> tuple[str, ...]:
        """Write the vocabulary files; the tokenizer classes define it.

        Args:
            save_directory: Folder to write to.

        Returns:
            Their paths.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define save_vocabulary")


def vocabulary_folder(save_directory: str) -> str:
    """Check that a vocabulary is to be written into a folder.

    Returns:
        The folder.

    Raises:
        ValueError: If it is not a folder.
    """
    if not os.path.isdir(save_directory):
        raise ValueError(f"Vocabulary path ({save_directory}) should be a directory")
    return save_directory


def _read_json(path: str | None) -> dict[str, Any]:
    if path is None:
        return {}
    with open(path, encoding="utf-8") as file:
        try:
            content = json.load(file)
        except ValueError as error:
            raise ValueError(f"{path} is not a valid JSON file: {error}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} holds a {type(content).__name__}, and a JSON object was expected")
    return content


def _from_json(value: Any) -> Any:
    """Make AddedTokens of the objects that stand for them in JSON."""
    if isinstance(value, dict) and "content" in value:
        return AddedToken(**{key: item for key, item in value.items() if key not in _TOKEN_MARKS})
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value


def _to_json(value: Any) -> Any:
    if isinstance(value, AddedToken):
        state = value.__getstate__()
        return {key: state[key] for key in ("content", "single_word", "lstrip", "rstrip", "normalized")}
    raise TypeError(f"a tokenizer's configuration cannot hold a {type(value).__name__}: {value!r}")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_to_json)


def _added_in_config(config: dict[str, Any]) -> dict[int, AddedToken]:
    """Read the added tokens where later libraries keep them: by id in `tokenizer_config.json`."""
    table = config.get("added_tokens_decoder")
    if not isinstance(table, dict):
        return {}
    return {int(index): _from_json(entry) for index, entry in table.items() if isinstance(entry, dict)}
