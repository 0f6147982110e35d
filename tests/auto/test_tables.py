"""The auto tables hold what v3.0.2's hold, in its order, for every family there is."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import formers
from formers import BertConfig, RobertaConfig
from formers.auto import AutoTable
from formers.families import families

GOLDEN = json.loads((Path(__file__).parents[1] / "golden/misc/auto_tables.json").read_text())
CONFIGS = {family.config.__name__ for family in families().values()}
TABLES = list(GOLDEN)


def rows(table: str) -> list:
    """The golden (key, value) pairs of the families, and of the Keras twins and tokenizers, that exist."""
    if table == "CONFIG_MAPPING":
        return [(key, value) for key, value in GOLDEN[table].items() if value in CONFIGS]
    pairs = [(key, value) for key, value in GOLDEN[table] if key in CONFIGS]
    if table.startswith("TF") or table == "TOKENIZER_MAPPING":
        public = set(dir(formers))
        pairs = [(key, value) for key, value in pairs if (value if isinstance(value, str) else value[0]) in public]
    return pairs


def name(thing):
    if isinstance(thing, tuple):
        return [name(part) for part in thing]
    return thing if thing is None or isinstance(thing, str) else thing.__name__


@pytest.mark.parametrize("table", TABLES)
def test_table_is_the_documented_one(table):
    found = [(name(key), name(value)) for key, value in getattr(formers, table).items()]
    documented, further = found[: len(rows(table))], found[len(rows(table)) :]
    assert documented == rows(table)
    assert {key for key, _ in further} <= ({"BartConfig", "MarianConfig"} if table.startswith("TF") else set())


def test_the_golden_tables_cover_the_families():
    # A family that v3.0.2 has and no golden row names would make the test above pass for nothing.
    assert {value for _, value in rows("CONFIG_MAPPING")} == CONFIGS


def test_reading_keys_imports_no_framework():
    code = (
        "import sys, formers\n"
        "assert formers.BertConfig in formers.MODEL_MAPPING and len(formers.TOKENIZER_MAPPING) > 2\n"
        "print([m for m in ('torch', 'tensorflow', 'keras') if m in sys.modules])"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_config_archives_of_every_family():
    assert formers.ALL_PRETRAINED_CONFIG_ARCHIVE_MAP["bert-base-uncased"].endswith(
        "bert-base-uncased/resolve/main/config.json"
    )
    assert "roberta-large" in formers.ALL_PRETRAINED_CONFIG_ARCHIVE_MAP


def test_own_entries():
    table = AutoTable("bert", lambda family: (family.config, lambda: family.model_type))
    assert table[BertConfig] == "bert"
    assert next(iter(table)) is not BertConfig  # families that the order does not name come first
    table[str] = "mine"
    assert table[str] == "mine" and list(table)[-1] is str
    del table[RobertaConfig]
    assert RobertaConfig not in table
