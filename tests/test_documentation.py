"""The pages are true: blocks marked `python run` run, print their `output` block, and tables list what exists."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import formers
from formers.auto import CONFIG_MAPPING
from formers.families import families

ROOT = Path(__file__).parents[1]
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```(python run|output)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SEPARATOR = "\x1e"


def examples(page: Path) -> list[tuple[str, str | None]]:
    """The blocks of code of a page, each with what it must print, if the page says so."""
    found: list[tuple[str, str | None]] = []
    for kind, text in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "python run":
            found.append((text, None))
        else:
            code, earlier = found.pop()
            assert earlier is None, f"{page.name}: two output blocks in a row"
            found.append((code, text))
    return found


@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=lambda page: page.name)
def test_code_runs_and_prints_what_the_page_says(page, tmp_path):
    # A process a page: the blocks build on each other, and one page renames `transformers`.
    blocks = examples(page)
    script = tmp_path / "page.py"
    script.write_text(f"\nprint({SEPARATOR!r}, end='')\n".join(code for code, _ in blocks), encoding="utf-8")
    offline = {**os.environ, "TRANSFORMERS_OFFLINE": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, env=offline, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split(SEPARATOR)
    assert [said for said, (_, wanted) in zip(printed, blocks, strict=True) if wanted is not None] == [
        wanted for _, wanted in blocks if wanted is not None
    ]


def test_there_are_examples():
    assert sum(len(examples(page)) for page in PAGES) >= 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target


def test_every_family_has_its_row():
    text = (ROOT / "docs/models.md").read_text(encoding="utf-8")
    rows = {row.split("|")[2].strip(" `"): row for row in text.splitlines() if row.count("|") == 7 and "`" in row}
    assert rows.keys() == families().keys() == set(CONFIG_MAPPING)
    for model_type, family in families().items():
        named = set(re.findall(r"`(\w+)`", rows[model_type])) - {model_type}
        classes = set(family.classes.values())
        twins = {f"TF{name}" for name in classes} & set(dir(formers))
        assert named == {family.config.__name__, *filter(None, family.tokenizers), *classes, *twins}


def test_every_extra_is_in_the_readme():
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Installing")[2].partition("##")[0]
    assert {
        name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`([\w-]+)`", row)
    } == set(extras)


def test_versions_agree():
    import tomllib

    assert formers.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"## [{formers.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
