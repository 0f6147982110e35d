"""The tables behind the auto classes, made from the registry of families.

They are keyed by configuration class and look a class up by its public name only when it is asked for, so none of them
imports a framework before its first use.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any, Generic, TypeVar

import formers
from formers.configuration import PretrainedConfig
from formers.families import Family, families

# The documented order of the tables. It shows when they are printed, and it decides which family a name such as
# "bert-of-t5" belongs to where a configuration does not say. A family that is not named comes first.
_CONFIG_ORDER = (
    "retribert t5 mobilebert distilbert albert camembert xlm-roberta marian mbart bart reformer longformer roberta "
    "flaubert bert openai-gpt gpt2 transfo-xl xlnet xlm ctrl electra encoder-decoder"
)
_MODEL_ORDER = (
    "retribert t5 distilbert albert camembert xlm-roberta marian bart longformer roberta bert openai-gpt gpt2 "
    "mobilebert transfo-xl xlnet flaubert xlm ctrl electra encoder-decoder reformer"
)
_TOKENIZER_ORDER = (
    "retribert t5 mobilebert distilbert albert camembert mbart xlm-roberta marian bart longformer roberta reformer "
    "electra bert openai-gpt gpt2 transfo-xl xlnet flaubert xlm ctrl"
)
_TF_ORDER = (
    "albert camembert ctrl distilbert electra flaubert gpt2 mobilebert openai-gpt roberta bert t5 transfo-xl xlm "
    "xlm-roberta xlnet "
    "bart marian"  # which v3.0.2 had in PyTorch alone
)
_SEQUENCE_CLASSIFICATION_ORDER = (
    "distilbert albert camembert xlm-roberta bart longformer roberta bert xlnet mobilebert flaubert xlm electra"
)
_QUESTION_ANSWERING_ORDER = (
    "distilbert albert bart longformer xlm-roberta roberta bert xlnet flaubert mobilebert xlm electra reformer"
)
_TOKEN_CLASSIFICATION_ORDER = (
    "distilbert camembert xlm xlm-roberta longformer roberta bert mobilebert xlnet albert electra"
)
_MULTIPLE_CHOICE_ORDER = "camembert electra xlm-roberta longformer roberta bert distilbert mobilebert xlnet albert"


Key = TypeVar("Key")
Value = TypeVar("Value")


class AutoTable(MutableMapping[Key, Value], Generic[Key, Value]):
    """An ordered table made from the registry of families when it is first read.

    Custom entries can be added (`table[MyConfig] = MyModel`); they come last.

    Args:
        order: Model types separated by blanks; families not named come first.
        entry: Family -> (key, a function that gives the value), or None where the family has no entry.
    """

    def __init__(self, order: str, entry: Callable[[Family], tuple[Key, Callable[[], Value]] | None]) -> None:
        self._order = {model_type: index for index, model_type in enumerate(order.split())}
        self._entry = entry
        self._getters: dict[Key, Callable[[], Value]] | None = None

    def _table(self) -> dict[Key, Callable[[], Value]]:
        if self._getters is None:
            known = families()
            ordered = sorted(known, key=lambda model_type: self._order.get(model_type, -1))
            entries = (self._entry(known[model_type]) for model_type in ordered)
            self._getters = dict(entry for entry in entries if entry is not None)
        return self._getters

    def __getitem__(self, key: Key) -> Value:
        return self._table()[key]()

    def __setitem__(self, key: Key, value: Value) -> None:
        self._table()[key] = lambda: value

    def __delitem__(self, key: Key) -> None:
        del self._table()[key]

    def __contains__(self, key: object) -> bool:
        return key in self._table()  # without getting the value, which may import a framework

    def __iter__(self) -> Iterator[Key]:
        return iter(self._table())

    def __len__(self) -> int:
        return len(self._table())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(_name(key) for key in self)})"


def _name(key: object) -> str:
    return key.__name__ if isinstance(key, type) else str(key)


def _public(name: str) -> Any:
    return getattr(formers, name)


def _model_table(kind: str, order: str, prefix: str = "") -> AutoTable[type[PretrainedConfig], type]:
    """Return the table configuration class -> model class for one kind of head.

    Args:
        kind: Key of `Family.classes`.
        order: See `AutoTable`.
        prefix: What the framework puts before the names of its classes: nothing, or `"TF"`. A twin that
            does not exist has no entry.
    """

    def entry(family: Family) -> tuple[type[PretrainedConfig], Callable[[], type]] | None:
        name = family.classes.get(kind)
        if name is None or (prefix and prefix + name not in dir(formers)):
            return None
        return family.config, lambda: _public(prefix + name)

    return AutoTable(order, entry)


def _tokenizer_entry(family: Family) -> tuple[type[PretrainedConfig], Callable[[], tuple[type, type | None]]] | None:
    if not family.tokenizers:
        return None
    slow, fast = (*family.tokenizers, None)[:2]
    if slow not in dir(formers):
        return None
    return family.config, lambda: (_public(slow), None if fast is None else _public(fast))


CONFIG_MAPPING: AutoTable[str, type[PretrainedConfig]] = AutoTable(
    _CONFIG_ORDER, lambda family: (family.model_type, lambda: family.config)
)
TOKENIZER_MAPPING = AutoTable(_TOKENIZER_ORDER, _tokenizer_entry)
MODEL_MAPPING = _model_table("base", _MODEL_ORDER)
MODEL_FOR_PRETRAINING_MAPPING = _model_table("pretraining", _MODEL_ORDER)
MODEL_WITH_LM_HEAD_MAPPING = _model_table("lm_head", _MODEL_ORDER)
MODEL_FOR_CAUSAL_LM_MAPPING = _model_table("causal_lm", _MODEL_ORDER)
MODEL_FOR_MASKED_LM_MAPPING = _model_table("masked_lm", _MODEL_ORDER)
MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING = _model_table("seq2seq_lm", _CONFIG_ORDER)
MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING = _model_table("sequence_classification", _SEQUENCE_CLASSIFICATION_ORDER)
MODEL_FOR_QUESTION_ANSWERING_MAPPING = _model_table("question_answering", _QUESTION_ANSWERING_ORDER)
MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING = _model_table("token_classification", _TOKEN_CLASSIFICATION_ORDER)
MODEL_FOR_MULTIPLE_CHOICE_MAPPING = _model_table("multiple_choice", _MULTIPLE_CHOICE_ORDER)
TF_MODEL_MAPPING = _model_table("base", _TF_ORDER, "TF")
TF_MODEL_FOR_PRETRAINING_MAPPING = _model_table("pretraining", _TF_ORDER, "TF")
TF_MODEL_WITH_LM_HEAD_MAPPING = _model_table("lm_head", _TF_ORDER, "TF")
TF_MODEL_FOR_CAUSAL_LM_MAPPING = _model_table("causal_lm", _TF_ORDER, "TF")
TF_MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING = _model_table("seq2seq_lm", _TF_ORDER, "TF")
TF_MODEL_FOR_MASKED_LM_MAPPING = _model_table("masked_lm", _TF_ORDER, "TF")
TF_MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING = _model_table("sequence_classification", _TF_ORDER, "TF")
TF_MODEL_FOR_QUESTION_ANSWERING_MAPPING = _model_table("question_answering", _TF_ORDER, "TF")
TF_MODEL_FOR_TOKEN_CLASSIFICATION_MAPPING = _model_table("token_classification", _TF_ORDER, "TF")
TF_MODEL_FOR_MULTIPLE_CHOICE_MAPPING = _model_table("multiple_choice", _TF_ORDER, "TF")


def __getattr__(name: str) -> dict[str, str]:
    if name == "ALL_PRETRAINED_CONFIG_ARCHIVE_MAP":
        return _all_config_archives()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _all_config_archives() -> dict[str, str]:
    """Return the table published model name -> address of its configuration, over all families."""
    archives: dict[str, str] = {}
    for config_class in CONFIG_MAPPING.values():
        for name, value in vars(sys.modules[config_class.__module__]).items():
            if name.endswith("_PRETRAINED_CONFIG_ARCHIVE_MAP"):
                archives |= value
    return archives
