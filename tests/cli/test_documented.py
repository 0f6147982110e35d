"""The documented commands as classes."""

import argparse
import csv
import json

import pytest
from tests.golden_data import GOLDEN

from formers import pipeline
from formers.cli import documented

SENTIMENT = str(GOLDEN / "pipelines" / "sentiment_bert")
TEXTS = ["The lamp is lit.", "It isn't a crime."]


@pytest.fixture
def parser():
    parser = argparse.ArgumentParser("transformers-cli")
    commands = parser.add_subparsers()
    for command in vars(documented).values():
        is_command = isinstance(command, type) and issubclass(command, documented.BaseTransformersCLICommand)
        if is_command and not command.__abstractmethods__:
            command.register_subcommand(commands)
    return parser


def run(parser, *words):
    arguments = parser.parse_args([str(word) for word in words])
    return arguments.func(arguments).run()


def test_run_reads_a_file_and_saves_the_results(parser, tmp_path):
    with open(tmp_path / "in.csv", "w", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *enumerate(TEXTS)])
    (tmp_path / "in.json").write_text(json.dumps([{"text": text} for text in TEXTS]))
    expected = pipeline("sentiment-analysis", model=SENTIMENT)(TEXTS)
    for ending in ("csv", "json"):
        files = ("--input", tmp_path / f"in.{ending}", "--output", tmp_path / f"out.{ending}")
        run(parser, "run", "--task", "sentiment-analysis", "--model", SENTIMENT, "--column", "text", *files)
    found = json.loads((tmp_path / "out.json").read_text())
    assert [row["label"] for row in found] == [row["label"] for row in expected]
    with open(tmp_path / "out.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["score"]) for row in rows] == pytest.approx([row["score"] for row in expected])
    with pytest.raises(OSError, match="already exists"):
        run(parser, "run", "--task", "sentiment-analysis", "--model", SENTIMENT, "--column", "text", *files)


def test_run_saves_what_is_no_table_in_a_binary_file(tmp_path, capsys):
    import pickle

    (tmp_path / "in.json").write_text(json.dumps([{"text": text} for text in TEXTS]))
    nlp = pipeline("feature-extraction", model=str(GOLDEN / "pipelines" / "features_distilbert"))
    reader = documented.PipelineDataFormat.from_str(
        "json", str(tmp_path / "out.json"), str(tmp_path / "in.json"), "text"
    )
    documented.RunCommand(nlp, reader).run()
    assert str(tmp_path / "out.pickle") in capsys.readouterr().out
    assert len(pickle.loads((tmp_path / "out.pickle").read_bytes())) == len(TEXTS)


def test_formats_are_told_by_the_ending():
    assert [documented.try_infer_format_from_ext(path) for path in (None, "", "a.csv", "b.json")] == [
        "pipe", "pipe", "csv", "json",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="'a.txt' does not end in one of json, csv, pipe"):
        documented.try_infer_format_from_ext("a.txt")


def test_versions(parser, capsys):
    facts = run(parser, "env")
    assert f"- formers: {facts['formers']}" in capsys.readouterr().out


def test_download_and_convert_hand_on_their_arguments(parser, monkeypatch, tmp_path):
    seen = []
    monkeypatch.setattr(documented, "fetch", lambda *given: seen.append(given))
    run(parser, "download", "owner/tiny", "--cache-dir", "cache", "--force")
    assert seen == [("owner/tiny", "cache", True)]
    with pytest.raises(ValueError, match="unknown model type 'rnn'"):
        words = ("--tf_checkpoint", "x", "--pytorch_dump_output", tmp_path / "y")
        run(parser, "convert", "--model_type", "rnn", *words)
