"""The documented table of tasks. It may be changed: a task that is added, or a default that is changed, counts.

Importing this module loads the pipelines and the auto classes, but no framework.
"""

from __future__ import annotations

from typing import Any

from formers import auto
from formers.frameworks import is_installed
from formers.pipelines.feature_extraction import FeatureExtractionPipeline
from formers.pipelines.fill_mask import FillMaskPipeline
from formers.pipelines.question_answering import QuestionAnsweringPipeline
from formers.pipelines.summarization import SummarizationPipeline
from formers.pipelines.task_names import ALIASES, languages_of
from formers.pipelines.text2text_generation import Text2TextGenerationPipeline
from formers.pipelines.text_classification import TextClassificationPipeline
from formers.pipelines.text_generation import TextGenerationPipeline
from formers.pipelines.token_classification import TokenClassificationPipeline
from formers.pipelines.translation import TranslationPipeline


def _task(impl: type, auto_class: str, pt: str | None = None, tf: str | None = None) -> dict[str, Any]:
    """Make an entry of the table.

    Args:
        impl: Class of the pipeline.
        auto_class: Name of the auto class that loads its PyTorch model; the TensorFlow one has `TF` before it.
        pt: Name of the default PyTorch model on the hub.
        tf: Name of the default TensorFlow model, if it is another one.
    """
    models = {} if pt is None else {"pt": pt, "tf": tf or pt}
    return {
        "impl": impl,
        "tf": getattr(auto, f"TF{auto_class}") if is_installed("tensorflow") else None,
        "pt": getattr(auto, auto_class) if is_installed("torch") else None,
        # A configuration or tokenizer of None is that of the model.
        "default": {"model": models, "config": None, "tokenizer": None},
    }


# Task -> class of its pipeline ("impl"), classes that load its models ("pt", "tf"; None where the framework is not
# installed), and what `pipeline(task)` loads ("default": "model" by framework, "config", "tokenizer"). Which models are
# the defaults is documented in v3.0.2; "text2text-generation" came later.
SUPPORTED_TASKS: dict[str, dict[str, Any]] = {
    "feature-extraction": _task(FeatureExtractionPipeline, "AutoModel", "distilbert-base-cased"),
    "sentiment-analysis": _task(
        TextClassificationPipeline,
        "AutoModelForSequenceClassification",
        "distilbert-base-uncased-finetuned-sst-2-english",
    ),
    "ner": _task(
        TokenClassificationPipeline,
        "AutoModelForTokenClassification",
        "dbmdz/bert-large-cased-finetuned-conll03-english",
    ),
    "question-answering": _task(
        QuestionAnsweringPipeline,
        "AutoModelForQuestionAnswering",
        "distilbert-base-cased-distilled-squad",
    ),
    "fill-mask": _task(FillMaskPipeline, "AutoModelForMaskedLM", "distilroberta-base"),
    "summarization": _task(
        SummarizationPipeline,
        "AutoModelForSeq2SeqLM",
        pt="sshleifer/distilbart-cnn-12-6",
        tf="t5-small",
    ),
    "translation_en_to_fr": _task(TranslationPipeline, "AutoModelForSeq2SeqLM", "t5-base"),
    "translation_en_to_de": _task(TranslationPipeline, "AutoModelForSeq2SeqLM", "t5-base"),
    "translation_en_to_ro": _task(TranslationPipeline, "AutoModelForSeq2SeqLM", "t5-base"),
    "text2text-generation": _task(Text2TextGenerationPipeline, "AutoModelForSeq2SeqLM", "t5-base"),
    "text-generation": _task(TextGenerationPipeline, "AutoModelForCausalLM", "gpt2"),
}
# Any other pair of languages, or none: there is no default model.
ANY_TRANSLATION: dict[str, Any] = _task(TranslationPipeline, "AutoModelForSeq2SeqLM")

# A starter model may stand in for these if the hub cannot be reached, but for no default that a user has set.
DOCUMENTED_DEFAULTS = frozenset(name for task in SUPPORTED_TASKS.values() for name in task["default"]["model"].values())


def find_task(name: str) -> dict[str, Any]:
    """Return the entry of a task.

    Args:
        name: Name of the task, or another name of it (`ALIASES`); `"translation"`, alone or with any two languages.

    Raises:
        KeyError: If there is no such task; the message lists those there are.
    """
    for known in (name, ALIASES.get(name)):
        if known in SUPPORTED_TASKS:
            return SUPPORTED_TASKS[known]
    if name == "translation" or languages_of(name):
        return ANY_TRANSLATION
    available = sorted([*SUPPORTED_TASKS, *ALIASES, "translation"])
    raise KeyError(f"Unknown task {name!r}, available tasks are {available}, and translation_XX_to_YY")
