"""`pipeline()`, which puts task, model and tokenizer together."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING, Any

from formers.pipelines.task_names import ALIASES, with_languages

if TYPE_CHECKING:
    from formers.configuration import PretrainedConfig
    from formers.pipelines.base import Pipeline

logger = logging.getLogger(__name__)

STARTER = "starter"


def pipeline(
    task: str,
    model: Any = None,
    config: str | os.PathLike[str] | PretrainedConfig | None = None,
    tokenizer: Any = None,
    framework: str | None = None,
    **kwargs: Any,
) -> Pipeline:
    """Make the pipeline of a task.

    The tasks are those of `SUPPORTED_TASKS`; what is added to or changed in that table counts here.

    Without a network and without a cached copy, the default model of a task is replaced by the small one that comes
    with this library, with a warning; `model="starter"` asks for it outright.

    Args:
        task: `"feature-extraction"`, `"sentiment-analysis"` (also `"text-classification"`), `"ner"` (also
            `"token-classification"`), `"question-answering"`, `"fill-mask"`, `"text-generation"`, `"summarization"`,
            `"translation_en_to_fr"` and other pairs of languages (also `"translation"` with `src_lang` and
            `tgt_lang`), `"text2text-generation"`, or one that was added to `SUPPORTED_TASKS`.
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
    from formers.hub import HubError, HubUnreachableError, split_hub_kwargs
    from formers.pipelines.base import get_framework
    from formers.pipelines.loading import Source
    from formers.pipelines.tasks import DOCUMENTED_DEFAULTS, find_task

    task = with_languages(task, kwargs.pop("src_lang", None), kwargs.pop("tgt_lang", None))
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
    source = Source(task, definition, framework, hub, _dtype(kwargs.pop("dtype", None), framework), form)
    if model is None:
        default = source.default("model")
        if default is None:
            raise ValueError(f"the task {task!r} has no default model: name one with model=")
        config = source.default("config") if config is None else config
        tokenizer = source.default("tokenizer") if tokenizer is None else tokenizer
        try:
            model, tokenizer = source.load(default, config, tokenizer)
        except HubError as error:
            # Networks give many answers in place of the hub's. But who asks for a revision wants no other model.
            asked = hub.get("revision") is not None and not isinstance(error, HubUnreachableError)
            if asked or default not in DOCUMENTED_DEFAULTS:
                raise
            model, tokenizer = source.load(_instead_of(default, task, error))
    else:
        wanted = _starter(task) if isinstance(model, str) and model == STARTER else model
        model, tokenizer = source.load(wanted, config, tokenizer)
    card = kwargs.pop("modelcard", None)
    if isinstance(card, str | os.PathLike):
        from formers.modelcard import ModelCard

        card = ModelCard.from_pretrained(card, **hub)
    made = definition["impl"]
    return made(model=model, tokenizer=tokenizer, modelcard=card, framework=framework, task=task, **kwargs)


def _starter(task: str) -> str:
    from formers.starter import starter_path

    return starter_path(ALIASES.get(task, task))


def _instead_of(name: str, task: str, unreachable: Exception) -> str:
    """Return the folder of the starter model that is used in place of a default model which cannot be loaded."""
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


def _dtype(dtype: Any, framework: str) -> Any:
    """Return the PyTorch type of a name; None stays None."""
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
