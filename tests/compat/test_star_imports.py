"""`from transformers.MODULE import *` gives what it gave, and nothing of this library's own."""

import json

from .test_alias import ALIAS, python

# Modules whose content is here, and what of it is not: texts for docstrings, and other libraries' names.
MODULES = """
    activations configuration_bart configuration_bert configuration_gpt2 configuration_marian configuration_utils
    file_utils generation_utils modeling_bart modeling_bert modeling_ctrl modeling_distilbert
    modeling_encoder_decoder modeling_gpt2 modeling_marian modeling_openai modeling_roberta modeling_t5
    modeling_utils tokenization_bert tokenization_gpt2 tokenization_t5 tokenization_utils tokenization_utils_base
""".split()
TEXTS = ("_DOCSTRING", "_EXAMPLE")
OTHERS = {
    "file_utils": {"default_cache_path", "torch_cache_home"},
    "tokenization_bert": {"BertWordPieceTokenizer"},
    "tokenization_gpt2": {"ByteLevelBPETokenizer"},
    "tokenization_utils_base": {"EncodingFast"},
}


def test_what_the_modules_had_is_there():
    code = ALIAS + (
        "import importlib, json\n"
        "from formers.compat.modules import star_names\n"
        f"modules = {MODULES!r}\n"
        "missing = {}\n"
        "for module in modules:\n"
        "    given = {}\n"
        "    exec(f'from transformers.{module} import *', given)\n"
        "    missing[module] = sorted(set(star_names(module)) - set(given))\n"
        "    assert set(given) - {'__builtins__'} <= set(star_names(module)), module\n"
        "print(json.dumps(missing))"
    )
    for module, names in json.loads(python(code).splitlines()[-1]).items():
        assert {name for name in names if not name.endswith(TEXTS)} == OTHERS.get(module, set()), module


def test_what_the_modules_had_of_other_libraries():
    code = ALIAS + (
        "from transformers.modeling_bert import *\n"
        "import collections, torch as real\n"
        "assert torch is real and nn is real.nn and CrossEntropyLoss is real.nn.CrossEntropyLoss\n"
        "assert issubclass(BertModel, BertPreTrainedModel) and isinstance(ACT2FN, dict)\n"
        "assert logger.name == 'transformers.modeling_bert', logger\n"
        "import copy\n"
        "from transformers.configuration_utils import *\n"
        "from transformers.file_utils import *\n"
        "copy.deepcopy([])\n"
        "print([name for name in ('classes', 'Tree', 'Container', 'Embedding') if name in globals()])"
    )
    assert python(code) == "[]"
