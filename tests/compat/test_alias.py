"""`transformers` means formers after `formers.as_transformers()`, and nowhere else."""

import subprocess
import sys

import pytest

from formers.compat.modules import existing_homes, homes


def python(code: str, *options: str, check: bool = True) -> str:
    """Run code in a fresh interpreter, where no other test has imported anything."""
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True)
    if check:
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()
    return done.stderr.strip()


ALIAS = "import formers; formers.as_transformers()\n"


def test_public_names_are_the_same_objects():
    code = ALIAS + (
        "import transformers\n"
        "from transformers import BertConfig, pipeline\n"
        "from transformers.configuration_bert import BertConfig as same\n"
        "from transformers.modeling_bert import BertConfig as too\n"  # the flat module imports it for itself
        "print(BertConfig is formers.BertConfig is same is too, pipeline is formers.pipeline)\n"
        "print(transformers.__version__, transformers.configuration_utils.PretrainedConfig.__name__)"
    )
    assert python(code).splitlines() == ["True True", "3.0.2 PretrainedConfig"]


@pytest.mark.parametrize("module", sorted(homes()))
def test_every_flat_module_can_be_imported(module):
    from formers.compat.alias import AliasFinder

    spec = AliasFinder().find_spec(f"transformers.{module}")
    assert spec is not None
    parent = module.rpartition(".")[0]
    assert not parent or parent in homes()


def test_flat_modules_import_by_statement_and_by_attribute():
    code = ALIAS + (
        "import transformers.data.processors.squad, transformers.modeling_tf_bert\n"
        "import transformers.tokenization_utils_base as base\n"
        "import transformers as t\n"
        "print(base.__name__, t.modeling_roberta.RobertaConfig.__name__)\n"
        "print('modeling_bert' in dir(t), 'BertModel' in dir(t))"
    )
    assert python(code).splitlines() == ["transformers.tokenization_utils_base RobertaConfig", "True True"]


def test_names_that_only_the_flat_module_had():
    code = ALIAS + (
        "from transformers.file_utils import is_torch_available, is_installed\n"  # the second is in a home only
        "from transformers.configuration_bert import BERT_PRETRAINED_CONFIG_ARCHIVE_MAP\n"
        "from transformers.modeling_bert import BERT_PRETRAINED_MODEL_ARCHIVE_LIST\n"
        "print(is_installed('formers'), len(BERT_PRETRAINED_CONFIG_ARCHIVE_MAP) > 3)"
    )
    assert python(code) == "True True"


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("from transformers import GPT17Model", "transformers.GPT17Model"),
        ("from transformers.modeling_bert import BertWonder", "transformers.modeling_bert.BertWonder"),
        ("import transformers.modeling_wonder", "transformers.modeling_wonder"),
        ("from transformers.models.bert import BertModel", "transformers.models"),
    ],
)
def test_what_formers_lacks_is_named(statement, named):
    last = python(ALIAS + statement, check=False).splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: formers does not have " + named)


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("from transformers import BertModle", "Did you mean BertModel"),
        ("from transformers import BertForSequenceClassifcation", "Did you mean BertForSequenceClassification"),
        ("from transformers.modeling_bert import BertModle", "Did you mean BertModel"),
        ("import transformers.modeling_brt", "Did you mean modeling_bert"),
        ("from transformers import BertAdam", "went before version 3: use torch.optim.AdamW"),
        ("from transformers import WarmupLinearSchedule", "use get_linear_schedule_with_warmup"),
        ("from transformers.models.bert import BertModel", "transformers.models came after version 3.0.2"),
        ("from transformers.utils import logging", "transformers.utils came after version 3.0.2"),
    ],
)
def test_what_to_use_instead_is_told(statement, wanted):
    assert wanted in python(ALIAS + statement, check=False).splitlines()[-1]


def test_missing_attribute_is_an_attribute_error():
    code = ALIAS + "import transformers\nprint(hasattr(transformers, 'x'), hasattr(transformers.modeling_bert, 'y'))"
    assert python(code) == "False False"


def test_star_import():
    code = (
        ALIAS
        + "from transformers import *\nfrom transformers.configuration_bert import *\nprint(BertConfig, AutoConfig)"
    )
    assert "formers.families.bert.configuration.BertConfig" in python(code)


def test_needs_no_framework():
    code = ALIAS + (
        "from transformers import BertConfig, AutoTokenizer\n"
        "import sys; print([m for m in ('torch', 'tensorflow', 'keras') if m in sys.modules])"
    )
    assert python(code) == "[]"


def test_twice_is_once():
    code = "import sys, formers\na = formers.as_transformers(); n = len(sys.meta_path)\n"
    assert python(code + "print(formers.as_transformers() is a, len(sys.meta_path) == n)") == "True True"


def test_real_library_already_imported():
    # A stand-in: any module of that name that is not the alias.
    code = (
        "import sys, types\nreal = sys.modules['transformers'] = types.ModuleType('transformers')\n"
        "real.__file__ = '/somewhere/transformers/__init__.py'\nimport formers\nformers.as_transformers()"
    )
    error = python(code, check=False).splitlines()[-1]
    assert error.startswith("RuntimeError: the real transformers library is already imported, from /somewhere")
    assert "formers run" in error


def test_other_processes_are_left_alone():
    code = ALIAS + (
        "import subprocess, sys\n"
        "print(subprocess.run([sys.executable, '-c', \"import importlib.util as u; s = u.find_spec('transformers');\"\n"
        "    \"print('formers' in str(getattr(s, 'loader', '')))\"], capture_output=True, text=True).stdout)"
    )
    assert python(code) == "False"


def test_homes_exist_for_the_families_of_today():
    # A renamed module would leave its flat twin without a home, which nothing else would notice.
    for module in ("configuration_bert", "modeling_roberta", "tokenization_distilbert", "file_utils", "modeling_utils"):
        assert len(existing_homes(module)) == len(homes()[module]), module
