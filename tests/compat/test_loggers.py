"""Under the alias, the loggers of the documented modules govern the library's messages."""

import json

import pytest
from tests.golden_data import GOLDEN

from .test_alias import ALIAS, python

PARTS = ["checkpoint", "configuration", "pipelines", "tokenization"]
# Loggers that are set to ERROR -> the parts of the library that this silences.
SILENCED = {
    "": [],
    "transformers": PARTS,
    "formers": PARTS,
    "formers.pipelines.loading": ["pipelines"],
    "transformers.configuration_utils": ["configuration"],
    "transformers.modeling_bert": [],
    "transformers.modeling_tf_utils": ["checkpoint"],
    "transformers.modeling_utils": ["checkpoint"],
    "transformers.pipelines": ["pipelines"],
    "transformers.tokenization_utils": ["tokenization"],
    "transformers.tokenization_utils_base": ["tokenization"],
}
# Each line of `provoke` warns in another part of the library; `heard` tells in which ones, by the handler of a logger.
SCRIPT = f"""
import json, logging, pathlib
import formers
package = pathlib.Path(formers.__file__).parent
folder = {str(GOLDEN / "pipelines" / "fill_bert")!r}


class Noting(logging.Handler):
    def __init__(self):
        super().__init__()
        self.parts = set()

    def emit(self, record):
        self.parts.add(pathlib.Path(record.pathname).relative_to(package).with_suffix("").parts[0])


def provoke():
    tokenizer = formers.BertTokenizer.from_pretrained(folder)
    tokenizer.model_max_length = 2
    tokenizer.encode("the lamp is lit")
    formers.BertForTokenClassification.from_pretrained(folder)
    formers.BertConfig(model_type="roberta")
    formers.pipeline("ner", model=folder)


def heard(levels, listener=None):
    handler = Noting()
    logging.getLogger(listener).addHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    provoke()
    for name in levels:
        logging.getLogger(name).setLevel(logging.NOTSET)
    logging.getLogger(listener).removeHandler(handler)
    return sorted(handler.parts)


"""


@pytest.fixture(scope="module")
def found():
    code = (
        SCRIPT
        + ALIAS
        + (
            f"names = {list(SILENCED)!r}\n"
            "found = {name: heard({name: 'ERROR'} if name else {}) for name in names}\n"
            "found['last word'] = heard({'transformers': 'ERROR', 'transformers.pipelines': 'WARNING'})\n"
            "found['handler'] = heard({}, 'transformers.tokenization_utils_base')\n"
            "documented = logging.getLogger('transformers.tokenization_utils_base')\n"
            "documented.disabled = True\n"
            "found['disabled'] = heard({})\n"
            "documented.disabled = False\n"
            "refuse = lambda record: not record.name.startswith('transformers.pipelines')\n"
            "logging.getLogger('transformers.pipelines').addFilter(refuse)\n"
            "found['filtered'] = heard({})\n"
            "logging.getLogger('transformers.pipelines').removeFilter(refuse)\n"
            "named = Noting()\n"
            "named.addFilter(logging.Filter('transformers.configuration_utils'))\n"
            "logging.getLogger().addHandler(named)\n"
            "provoke()\n"
            "found['named'] = sorted(named.parts)\n"
            "print(json.dumps(found))"
        )
    )
    return json.loads(python(code))


@pytest.mark.parametrize("logger", SILENCED)
def test_a_documented_logger_silences_what_it_logged(found, logger):
    assert found[logger] == sorted(set(PARTS) - set(SILENCED[logger]))


def test_a_more_particular_logger_has_the_last_word(found):
    assert found["last word"] == ["pipelines"]


def test_handlers_of_the_documented_loggers_get_the_messages(found):
    assert found["handler"] == ["tokenization"]


def test_a_documented_logger_that_is_disabled_or_has_a_filter_silences_what_it_logged(found):
    assert found["disabled"] == ["checkpoint", "configuration", "pipelines"]
    assert found["filtered"] == ["checkpoint", "configuration", "tokenization"]


def test_records_have_the_documented_names(found):
    assert found["named"] == ["configuration"]


def test_without_the_alias_only_our_own_loggers_count():
    code = SCRIPT + "print(json.dumps([heard({name: 'ERROR'}) for name in ('transformers', 'formers.pipelines')]))"
    assert json.loads(python(code)) == [PARTS, ["checkpoint", "configuration", "tokenization"]]
