"""The tasks and their default models, and `pipeline()`, which puts model, tokenizer and task together."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from formers.configuration import PretrainedConfig
    from formers.pipelines.base import Pipeline

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """What a pipeline is made of.

    Attributes:
        models: Framework -> name of the default model on the hub.
        pipeline: Module in this package and class, `"module:Class"`.
        auto: Name of the auto class that loads its model; the TensorFlow one bears `TF` before it.
        unused: Parts of a model that the task does not use, so that their weights may be missing.
    """

    models: Mapping[str, str]
    pipeline: str
    auto: str
    unused: tuple[str, ...] = ()


def _both(name: str) -> dict[str, str]:
    return {"pt": name, "tf": name}


def _translation(models: Mapping[str, str]) -> Task:
    return Task(models, "translation:TranslationPipeline", "AutoModelForSeq2SeqLM")


# Which models are the defaults is documented in v3.0.2.
SUPPORTED_TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "feature-extraction": Task(
            _both("distilbert-base-cased"),
            "feature_extraction:FeatureExtractionPipeline",
            "AutoModel",
            unused=("pooler",),
        ),
        "sentiment-analysis": Task(
            _both("distilbert-base-uncased-finetuned-sst-2-english"),
            "text_classification:TextClassificationPipeline",
            "AutoModelForSequenceClassification",
        ),
        "ner": Task(
            _both("dbmdz/bert-large-cased-finetuned-conll03-english"),
            "token_classification:TokenClassificationPipeline",
            "AutoModelForTokenClassification",
        ),
        "question-answering": Task(
            _both("distilbert-base-cased-distilled-squad"),
            "question_answering:QuestionAnsweringPipeline",
            "AutoModelForQuestionAnswering",
        ),
        "fill-mask": Task(
            _both("distilroberta-base"),
            "fill_mask:FillMaskPipeline",
            "AutoModelForMaskedLM",
        ),
        "summarization": Task(
            {"pt": "sshleifer/distilbart-cnn-12-6", "tf": "t5-small"},
            "summarization:SummarizationPipeline",
            "AutoModelForSeq2SeqLM",
        ),
        "translation": _translation({}),
        "translation_en_to_fr": _translation(_both("t5-base")),
        "translation_en_to_de": _translation(_both("t5-base")),
        "translation_en_to_ro": _translation(_both("t5-base")),
        "text2text-generation": Task(
            _both("t5-base"),
            "text2text_generation:Text2TextGenerationPipeline",
            "AutoModelForSeq2SeqLM",
        ),
        "text-generation": Task(
            _both("gpt2"),
            "text_generation:TextGenerationPipeline",
            "AutoModelForCausalLM",
        ),
    }
)
ALIASES: Mapping[str, str] = MappingProxyType(
    {"text-classification": "sentiment-analysis", "token-classification": "ner"}
)
STARTER = "starter"
_TRANSLATION = re.compile(r"translation_(\w+)_to_(\w+)")


def languages_of(task: str) -> tuple[str, str] | None:
    """Source and target language of a task such as `"translation_en_to_fr"`; None for any other."""
    match = _TRANSLATION.fullmatch(task)
    return (match[1], match[2]) if match else None


def _with_languages(task: str, source: str | None, target: str | None) -> str:
    """The task with its languages: `"translation"`, `"en"`, `"fr"` -> `"translation_en_to_fr"`."""
    if source is None and target is None:
        return task
    if task != "translation" or not source or not target:
        raise ValueError(
            f"src_lang is {source!r}, tgt_lang {target!r} and the task {task!r}: both languages go together, and with "
            "the task 'translation' only"
        )
    return f"translation_{source}_to_{target}"


def find_task(name: str) -> Task:
    """The task of a name.

    Raises:
        KeyError: If there is no such task; the message lists those there are.
    """
    task = SUPPORTED_TASKS.get(ALIASES.get(name, name))
    if task is None and languages_of(name):
        task = SUPPORTED_TASKS["translation"]
    if task is None:
        available = sorted([*SUPPORTED_TASKS, *ALIASES])
        raise KeyError(f"Unknown task {name!r}, available tasks are {available}, and translation_XX_to_YY")
    return task


def pipeline(
    task: str,
    model: Any = None,
    config: str | os.PathLike[str] | PretrainedConfig | None = None,
    tokenizer: Any = None,
    framework: str | None = None,
    **kwargs: Any,
) -> Pipeline:
    """Make the pipeline of a task.

    Without a network and without a cached copy, the default model of a task is replaced by the small one that comes
    with this library, with a warning; `model="starter"` asks for it outright.

    Args:
        task: `"feature-extraction"`, `"sentiment-analysis"` (also `"text-classification"`), `"ner"` (also
            `"token-classification"`), `"question-answering"`, `"fill-mask"`, `"text-generation"`, `"summarization"`,
            `"translation_en_to_fr"` and other pairs of languages (also `"translation"` with `src_lang` and
            `tgt_lang`), `"text2text-generation"`.
        model: A model, or the name or folder of one; by default the task's documented default model.
        config: A configuration, or where to read one; by default the model's own.
        tokenizer: A tokenizer, the name or folder of one, or a pair of that and keywords for loading it; by default
            the model's own.
        framework: `"pt"` or `"tf"`; by default that of the model, else the one installed, PyTorch first.
        **kwargs: `device`, `batch_size`, `max_tokens` and what else the task's class takes; `dtype` (`"float32"`,
            `"bfloat16"` or `"float16"`) converts a PyTorch model, `packed=True` makes it quicker for few rows on a
            CPU, `quantize="int8"` rounds its weights; `cache_dir`, `revision`, `local_files_only` and the like say
            where files come from; `modelcard` is a card or where to read one.

    Returns:
        The pipeline.

    Raises:
        KeyError: If there is no such task.
        OSError: If files cannot be found.
        ValueError: If no tokenizer can be told from a model that is passed as an object, or the task has no default
            model.
    """
    from formers.hub import HubUnreachableError, split_hub_kwargs
    from formers.pipelines.base import get_framework

    task = _with_languages(task, kwargs.pop("src_lang", None), kwargs.pop("tgt_lang", None))
    definition = find_task(task)
    framework = framework or get_framework(model)
    if framework not in ("pt", "tf"):
        raise ValueError(f"framework is {framework!r}, expected 'pt' (PyTorch) or 'tf' (TensorFlow)")
    hub, kwargs = split_hub_kwargs(kwargs)
    form: dict[str, Any] = {}
    for keyword in ("quantize", "packed"):
        value = kwargs.pop(keyword, None)
        if not value:
            continue
        form[keyword] = value
        if framework != "pt" or not isinstance(model, str | os.PathLike | None):
            raise ValueError(
                f"{keyword}={value!r} gives the weights of a PyTorch model another form while it is loaded: pass the "
                "name or folder of the model, and framework='pt'"
            )
    source = _Source(task, definition, framework, hub, _dtype(kwargs.pop("dtype", None), framework), form)
    if model is None:
        default = definition.models.get(framework)
        if default is None:
            raise ValueError(f"the task {task!r} has no default model: name one with model=")
        try:
            model, tokenizer = source.load(default, config, tokenizer)
        except HubUnreachableError as unreachable:
            model, tokenizer = source.load(_instead_of(default, task, unreachable))
    else:
        wanted = _starter(task) if isinstance(model, str) and model == STARTER else model
        model, tokenizer = source.load(wanted, config, tokenizer)
    card = kwargs.pop("modelcard", None)
    if isinstance(card, str | os.PathLike):
        from formers.modelcard import ModelCard

        card = ModelCard.from_pretrained(card, **hub)
    module, _, name = definition.pipeline.partition(":")
    made = getattr(import_module(f"formers.pipelines.{module}"), name)
    return made(model=model, tokenizer=tokenizer, modelcard=card, framework=framework, task=task, **kwargs)


def _starter(task: str) -> str:
    from formers.starter import starter_path

    return starter_path(ALIASES.get(task, task))


def _instead_of(name: str, task: str, unreachable: Exception) -> str:
    """Folder of the starter model that stands in for a default model which cannot be had."""
    try:
        folder = _starter(task)
    except OSError as none:
        raise OSError(f"{unreachable} No small model for {task!r} comes with this library either: {none}") from none
    logger.warning(
        "%s, the default model of %r, is neither cached nor within reach: using the small starter model that comes "
        "with formers instead. Its results are not those of the default; go online once, or name a model",
        name, task,
    )  # fmt: skip
    return folder


@dataclass(frozen=True)
class _Source:
    """How a pipeline's model and tokenizer are loaded."""

    task: str
    definition: Task
    framework: str
    hub: Mapping[str, Any]
    dtype: Any
    form: Mapping[str, Any]

    def load(self, model: Any, config: Any = None, tokenizer: Any = None) -> tuple[Any, Any]:
        """Model and tokenizer; what is no name or folder stays as it is."""
        options: Mapping[str, Any] = {}
        if tokenizer is None:
            tokenizer = _tokenizer_source(model, config)
        elif isinstance(tokenizer, tuple):
            tokenizer, options = tokenizer
        if isinstance(tokenizer, str | os.PathLike):
            from formers.auto import AutoTokenizer

            tokenizer = AutoTokenizer.from_pretrained(tokenizer, **{**self.hub, **options})
        if isinstance(model, str | os.PathLike):
            model = self._load_model(os.fspath(model), config)
        elif self.dtype is not None:
            model = model.to(self.dtype)
        return model, tokenizer

    def _load_model(self, name: str, config: Any) -> Any:
        import formers

        name_of_auto = self.definition.auto
        if self.framework == "tf":
            name_of_auto = f"TF{name_of_auto}"
        auto = getattr(formers, name_of_auto)
        given = {"config": config, "dtype": self.dtype, **self.form}
        given = {keyword: value for keyword, value in given.items() if value is not None}
        model, info = auto.from_pretrained(name, output_loading_info=True, **given, **self.hub)
        unused = self.definition.unused
        fresh = [key for key in info["initialized_keys"] if not any(part in key.split(".") for part in unused)]
        if fresh:
            shown = ", ".join(fresh[:6]) + (f" and {len(fresh) - 6} more" if len(fresh) > 6 else "")
            logger.warning(
                "THE RESULTS OF THIS PIPELINE ARE RANDOM: %s has no trained weights for %s (%s). "
                "It was made for something else than %r; train it for this task, or name a model that was",
                name, shown, type(model).__name__, self.task,
            )  # fmt: skip
        return model


def _tokenizer_source(model: Any, config: Any) -> Any:
    for source in (model, config):
        if isinstance(source, str | os.PathLike):
            return source
    raise ValueError(
        f"no tokenizer can be told from a model object ({type(model).__name__}): "
        "pass tokenizer= with a tokenizer, or with the name or folder of one"
    )


def _dtype(dtype: Any, framework: str) -> Any:
    """The PyTorch type of a name; None stays None."""
    if dtype is None:
        return None
    if framework != "pt":
        raise ValueError(f"dtype={dtype!r} converts PyTorch models only; the framework is {framework!r}")
    import torch

    known = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    wanted = known.get(dtype) if isinstance(dtype, str) else dtype
    if wanted not in known.values():
        raise ValueError(f"dtype is {dtype!r}, expected one of {', '.join(known)}")
    return wanted
