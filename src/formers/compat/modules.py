"""The modules of the documented library, and where their content is in formers.

Public names are the same everywhere, so a module needs no list of them: whatever `formers` offers is found through
any of these modules. What a module has besides (`VOCAB_FILES_NAMES`, a helper function) is looked for in its homes.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_MODELING_UTILS = (
    "formers.backends.torch",
    "formers.backends.torch.span_heads",
    "formers.backends.torch.summaries",
    "formers.backends.torch.leaves",
    "formers.backends.torch.chunking",
    "formers.backends.torch.pruning",
    "formers.backends.torch.modules",
    "formers.backends.torch.activations",
    "formers.backends.torch.generating",
    "formers.checkpoint",
    "formers.compat.samples",
    "formers.docstrings",
)

# Prefix of a family's modules -> (the families that have one, their homes). Old code takes helpers that a module of
# models imported from there as well.
_FAMILY_MODULES: dict[str, tuple[str, tuple[str, ...]]] = {
    "configuration_": (
        "albert bart bert camembert ctrl distilbert electra encoder_decoder flaubert gpt2 longformer marian mmbt "
        "mobilebert openai reformer retribert roberta t5 transfo_xl xlm xlm_roberta xlnet",
        ("formers.families.{}.configuration",),
    ),
    "modeling_": (
        "albert bart bert camembert ctrl distilbert electra encoder_decoder flaubert gpt2 longformer marian mmbt "
        "mobilebert openai reformer retribert roberta t5 transfo_xl xlm xlm_roberta xlnet",
        ("formers.families.{}.torch_models", "formers.families.{}.torch_modules", *_MODELING_UTILS),
    ),
    "modeling_tf_": (
        "albert bert camembert ctrl distilbert electra flaubert gpt2 mobilebert openai roberta t5 transfo_xl xlm "
        "xlm_roberta xlnet",
        (
            "formers.families.{}.keras_models",
            "formers.families.{}.keras_modules",
            "formers.backends.keras.activations",
            "formers.compat.file_utils",
        ),
    ),
    "tokenization_": (
        "albert bart bert camembert ctrl distilbert electra flaubert gpt2 longformer marian mobilebert openai "
        "reformer retribert roberta t5 transfo_xl xlm xlm_roberta xlnet",
        ("formers.families.{}.tokenization",),
    ),
}

# Families whose folder has another name than their modules had.
_FOLDERS = {"openai": "openai_gpt"}

# Every other module -> its homes. Those without a home offer the public names.
_OTHER_MODULES: dict[str, tuple[str, ...]] = {
    "activations": ("formers.backends.torch.activations",),
    "benchmark": (),
    "benchmark.benchmark": (),
    "benchmark.benchmark_args": (),
    "benchmark.benchmark_args_tf": (),
    "benchmark.benchmark_tf": (),
    "commands": ("formers.cli.documented",),
    "commands.convert": ("formers.cli.documented",),
    "commands.download": ("formers.cli.documented",),
    "commands.env": ("formers.cli.documented",),
    "commands.run": ("formers.cli.documented", "formers.pipelines"),
    "commands.transformers_cli": ("formers.cli",),
    "configuration_auto": ("formers.auto", "formers.families.bart.configuration"),
    "configuration_utils": ("formers.configuration",),
    "convert_bert_original_tf_checkpoint_to_pytorch": ("formers.compat.converters.bert",),
    "convert_bert_pytorch_checkpoint_to_original_tf": ("formers.compat.converters.original_tf",),
    "convert_dialogpt_original_pytorch_checkpoint_to_pytorch": ("formers.compat.converters.dialogpt",),
    "convert_gpt2_original_tf_checkpoint_to_pytorch": ("formers.compat.converters.gpt2",),
    "convert_openai_original_tf_checkpoint_to_pytorch": ("formers.compat.converters.openai_gpt",),
    "convert_pytorch_checkpoint_to_tf2": ("formers.compat.converters.tf2",),
    "convert_t5_original_tf_checkpoint_to_pytorch": ("formers.compat.converters.t5",),
    "data": (),
    "data.data_collator": (),
    "data.datasets": (),
    "data.datasets.glue": (),
    "data.datasets.language_modeling": (),
    "data.metrics": (),
    "data.metrics.squad_metrics": (),
    "data.processors": (),
    "data.processors.glue": (),
    "data.processors.squad": (),
    "data.processors.utils": (),
    "data.processors.xnli": (),
    "file_utils": (
        "formers.frameworks",
        "formers.hub",
        "formers.configuration",
        "formers.checkpoint",
        "formers.docstrings",
        "formers.url_cache",
        "formers.compat.file_utils",
        "formers.compat.samples",
    ),
    "generation_tf_utils": (
        "formers.backends.keras.generating",
        "formers.compat.generation",
        "formers.compat.generation_tf",
    ),
    "generation_utils": ("formers.backends.torch.generating", "formers.compat.generation"),
    "hf_api": ("formers.compat.hf_api",),
    "hf_argparser": (),
    "modelcard": ("formers.modelcard",),
    "modeling_auto": ("formers.auto",),
    "modeling_tf_auto": ("formers.auto",),
    "modeling_tf_pytorch_utils": ("formers.conversion",),
    "modeling_tf_utils": ("formers.backends.keras",),
    "modeling_utils": _MODELING_UTILS,
    "optimization": (),
    "optimization_tf": (),
    "pipelines": ("formers.pipelines", "formers.pipelines.base"),
    "testing_utils": ("formers.compat.testing",),
    "tokenization_auto": ("formers.auto",),
    "tokenization_bert_japanese": ("formers.families.bert.tokenization_japanese",),
    "tokenization_utils": ("formers.tokenization", "formers.families.bert.steps"),
    "tokenization_utils_base": ("formers.tokenization",),
    "tokenization_utils_fast": ("formers.tokenization",),
    "trainer": (),
    "trainer_tf": (),
    "trainer_utils": (),
    "training_args": (),
    "training_args_tf": (),
    "utils_encoder_decoder": ("formers.compat.encoder_decoder",),
}


@cache
def homes() -> dict[str, tuple[str, ...]]:
    """Map a documented module, without the leading `transformers.`, to the modules of formers behind it."""
    table = dict(_OTHER_MODULES)
    for prefix, (families, patterns) in _FAMILY_MODULES.items():
        for family in families.split():
            folder = _FOLDERS.get(family, family)
            table[prefix + family] = tuple(pattern.format(folder) for pattern in patterns)
    return table


@cache
def _names() -> dict[str, dict[str, str]]:
    return json.loads(Path(__file__).with_name("names.json").read_text(encoding="utf-8"))


def star_names(module: str) -> list[str]:
    """Return what `from transformers.MODULE import *` gave: what the module defined, and what it had imported."""
    return _names()["modules"].get(module, "").split()


def elsewhere(module: str, name: str) -> tuple[str, str] | None:
    """Return where a name is that a module had imported from other libraries.

    Args:
        module: A documented module, without the leading `transformers.`.
        name: The name in it.

    Returns:
        A module and a name in it, empty if it is the module itself; None if it is another library's no more, or never
        was there.
    """
    found = _names()["elsewhere"].get(name)
    if found is None or name not in star_names(module):
        return None
    other, _, inside = found.partition(":")
    return other, inside


@cache
def existing_homes(module: str) -> tuple[str, ...]:
    """Return those homes of a module that formers has today."""
    return tuple(home for home in homes()[module] if _exists(home))


def _exists(module: str) -> bool:
    parent = module.rpartition(".")[0]
    # A missing parent is an error to `find_spec`, not an answer.
    return (not parent or _exists(parent)) and find_spec(module) is not None
