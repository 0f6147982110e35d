"""The command line: what it prints, what it writes, how it ends."""

import csv
import io
import json
import os
import subprocess
import sys

import pytest
from tests.golden_data import GOLDEN

import formers
from formers import BertConfig, BertForSequenceClassification, cli
from formers.cli.env import environment
from formers.cli.formats import reader_for, writer_for
from formers.cli.pipeline import as_line

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "good", "bad", "film", ",", "."]
TEXTS = ["a good film.", "bad, bad film.", "film"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny sentiment checkpoint with random weights."""
    import torch

    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("model")
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8,
        id2label={0: "NEGATIVE", 1: "POSITIVE"}, max_position_embeddings=32,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(path)
    (path / "vocab.txt").write_text("\n".join(WORDS))
    return path


@pytest.fixture(scope="module")
def expected(folder):
    return [formers.pipeline("sentiment-analysis", model=str(folder))(text)[0] for text in TEXTS]


def run(capsys, *words):
    """Status, standard output and standard error of a command."""
    try:
        status = cli.main([str(word) for word in words])
    except SystemExit as stop:
        status = stop.code
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def same(found, wanted):
    assert [row["label"] for row in found] == [row["label"] for row in wanted]
    assert [float(row["score"]) for row in found] == pytest.approx([row["score"] for row in wanted], abs=1e-5)


class TestPipeline:
    def test_texts_as_words(self, capsys, folder, expected):
        status, out, _ = run(capsys, "pipeline", "sentiment-analysis", *TEXTS, "--model", folder)
        assert status == 0
        assert out.splitlines() == [as_line(result, text) for result, text in zip(expected, TEXTS, strict=True)]
        assert out.startswith(expected[0]["label"]) and out.splitlines()[0].endswith("  a good film.")

    def test_options_may_stand_anywhere(self, capsys, folder, expected):
        words = ["pipeline", "--json", "sentiment-analysis", TEXTS[0], "--model", folder, *TEXTS[1:]]
        status, out, err = run(capsys, *words)
        assert status == 0, err
        same([json.loads(line) for line in out.splitlines()], expected)

    def test_json(self, capsys, folder, expected):
        status, out, _ = run(capsys, "pipeline", "text-classification", *TEXTS, "--model", folder, "--json")
        assert status == 0
        same([json.loads(line) for line in out.splitlines()], expected)

    @pytest.mark.parametrize("suffix", ["csv", "json", "txt"])
    @pytest.mark.parametrize("target", ["csv", "json", "txt"])
    def test_files(self, capsys, folder, expected, tmp_path, suffix, target):
        source, result = tmp_path / f"in.{suffix}", tmp_path / f"out.{target}"
        if suffix == "csv":
            with open(source, "w", newline="") as file:
                csv.writer(file).writerows([["id", "text"], *enumerate(TEXTS)])
        elif suffix == "json":
            source.write_text(json.dumps([{"text": text} for text in TEXTS]))
        else:
            source.write_text("\n".join(TEXTS) + "\n")
        column = [] if suffix == "txt" else ["--column", "text"]
        command = ["pipeline", "sentiment-analysis", "--model", folder, "--input", source, "--output", result, *column]
        status, _, err = run(capsys, *command)
        assert status == 0 and f"3 results written to {result}" in err
        if target == "csv":
            same(list(csv.DictReader(result.open())), expected)
        elif target == "json":
            same(json.loads(result.read_text()), expected)
        else:
            same([json.loads(line) for line in result.read_text().splitlines()], expected)
        # a second time it refuses, and with --overwrite it does not
        before = result.read_bytes()
        status, _, err = run(capsys, *command)
        assert status == 1 and f"{result} is there already" in err and result.read_bytes() == before
        assert run(capsys, *command, "--overwrite")[0] == 0

    def test_standard_input(self, capsys, folder, expected, monkeypatch):
        monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join(TEXTS) + "\n"))
        status, out, _ = run(capsys, "pipeline", "sentiment-analysis", "--model", folder, "--json")
        assert status == 0
        same([json.loads(line) for line in out.splitlines()], expected)

    def test_old_spelling(self, capsys, folder, expected, tmp_path):
        (tmp_path / "in.txt").write_text("\n".join(TEXTS))
        words = ["--task", "sentiment-analysis", "--model", folder, "--input", tmp_path / "in.txt", "--json"]
        status, out, _ = run(capsys, "run", *words)
        assert status == 0
        same([json.loads(line) for line in out.splitlines()], expected)

    @pytest.mark.parametrize(
        ("words", "status", "said"),
        [
            ([], 2, "which task"),
            (["mood"], 2, "Unknown task 'mood', available tasks are"),
            (["translation", "x"], 1, "the task 'translation' has no default model"),
            (["summarization", "x", "--set", "max_length"], 2, "expected NAME=VALUE"),
            (["summarization", "x", "--stream", "--output", "x.json"], 2, "use one of them"),
            (["sentiment-analysis", "x", "--model", "/no/such/folder"], 1, "/no/such/folder"),
            (["sentiment-analysis", "--input", "/no/such.txt"], 1, "/no/such.txt"),
            (["sentiment-analysis", "--input", "/no/such.xyz"], 1, "add --format, one of csv, json, txt"),
            (["sentiment-analysis", "--input", "x.csv"], 1, "--column NAME"),
            (["sentiment-analysis", "text", "--input", "x.txt"], 2, "not both"),
            (["sentiment-analysis", "text", "--context", "x"], 2, "no other task takes one"),
            (["question-answering", "who?"], 2, "--context TEXT"),
        ],
    )
    def test_errors(self, capsys, words, status, said):
        found, _, err = run(capsys, "pipeline", *words)
        assert (found, said in err, "Traceback" in err) == (status, True, False), err

    def test_missing_column_is_named(self, tmp_path):
        (tmp_path / "in.csv").write_text("id,text\n1,a\n")
        with pytest.raises(ValueError, match="row 1 .* has columns .*'text'.*expected 'words'"):
            list(reader_for("infer", str(tmp_path / "in.csv"), "words"))

    def test_constants_as_python_writes_them(self, capsys, folder):
        options = ["--set", "add_special_tokens=False", "--set", "progress=None", "--set", "batch_size=2"]
        status, out, _ = run(capsys, "pipeline", "sentiment-analysis", "film", "--model", folder, "--json", *options)
        (wanted,) = formers.pipeline("sentiment-analysis", model=str(folder))("film", add_special_tokens=False)
        assert status == 0
        same([json.loads(out)], [wanted])

    @pytest.mark.parametrize(("suffix", "text"), [
        ("csv", "text\na film\n"), ("json", '[{"text": "a film"}]'), ("txt", "a film\n"),
    ])  # fmt: skip
    def test_a_byte_order_mark_is_passed_over(self, tmp_path, suffix, text):
        path = tmp_path / f"in.{suffix}"
        path.write_text(text, encoding="utf-8-sig")
        assert list(reader_for("infer", str(path), "text")) == ["a film"]

    @pytest.mark.parametrize("suffix", ["csv", "json", "txt"])
    def test_another_encoding_is_named_with_its_line(self, capsys, folder, tmp_path, suffix):
        path = tmp_path / f"in.{suffix}"
        path.write_text("text\ngood\n\u00e4rger\n", encoding="latin-1")
        words = ["--model", folder, "--input", path, "--column", "text"]
        status, _, err = run(capsys, "pipeline", "sentiment-analysis", *words)
        assert status == 1 and len(err.splitlines()) == 1
        assert f"line 3 of {str(path)!r} is not UTF-8 text (byte 0xe4): save the file" in err

    @pytest.mark.parametrize(("entry", "said"), [
        ('{"text": null}', "has null where a text is expected"),
        ('{"text": ["a", 3]}', "has 3 where a text is expected"),
        ('{"text": ["a", "b", "c"]}', "has 3 texts, expected one, or a pair of two"),
    ])  # fmt: skip
    def test_what_is_no_text_is_named(self, capsys, folder, tmp_path, entry, said):
        path = tmp_path / "in.json"
        path.write_text(f'[{{"text": "good"}}, {entry}]')
        words = ["--model", folder, "--input", path, "--column", "text"]
        status, _, err = run(capsys, "pipeline", "sentiment-analysis", *words)
        assert status == 1 and err.splitlines()[-1].startswith(f"formers: error: input 2 of {path} {said}")
        assert "Traceback" not in err

    def test_unknown_suffix_of_output_is_written_as_the_input(self, tmp_path):
        writer_for("txt", str(tmp_path / "out.log"), False).save([{"a": 1}])
        writer_for("infer", str(tmp_path / "out"), False).save([{"a": 1}])
        assert (tmp_path / "out.log").read_text() == '{"a": 1}\n'
        assert json.loads((tmp_path / "out").read_text()) == [{"a": 1}]

    def test_written_text(self, capsys, monkeypatch, tmp_path):
        model = str(GOLDEN / "pipelines" / "generate_gpt2")
        words = ["pipeline", "text-generation", "--model", model, "--set", "do_sample=false", "--set", "max_length=16"]
        prompts = ["The lamp is lit", "It isn't"]
        expected = formers.pipeline("text-generation", model=model)(prompts, do_sample=False, max_length=16)
        texts = [record["generated_text"] for (record,) in expected]
        assert run(capsys, *words, *prompts)[:2] == (0, "\n".join(texts) + "\n")
        assert run(capsys, *words, *prompts, "--stream")[:2] == (0, "\n".join(texts) + "\n")
        status, out, _ = run(capsys, *words, *prompts, "--json")
        assert [json.loads(line) for line in out.splitlines()] == [record for (record,) in expected]
        assert run(capsys, *words, *prompts, "--output", tmp_path / "out.csv")[0] == 0
        with open(tmp_path / "out.csv", newline="") as file:
            assert [row["generated_text"] for row in csv.DictReader(file)] == texts

    def test_translation(self, capsys):
        model = str(GOLDEN / "pipelines" / "translate_marian")
        (record,) = formers.pipeline("translation_en_to_de", model=model)("The lamp is lit.")
        status, out, _ = run(capsys, "pipeline", "translation_en_to_de", "The lamp is lit.", "--model", model)
        assert (status, out) == (0, record["translation_text"] + "\n")
        status, _, err = run(capsys, "pipeline", "text-generation", "a", "--model", model)
        assert status == 1 and "MarianConfig" in err

    def test_a_stream_is_for_tasks_that_write(self, capsys, folder):
        status, _, err = run(capsys, "pipeline", "sentiment-analysis", "film", "--model", folder, "--stream")
        assert status == 2 and "sentiment-analysis does not write text" in err

    def test_question_answering_takes_a_context(self, capsys, folder):
        status, out, err = run(
            capsys, "pipeline", "question-answering", "good ?", "bad ?", "--context", "a bad film", "--model", folder
        )
        assert status == 0, err
        answers = [json.loads(line) for line in out.splitlines()]
        assert len(answers) == 2 and all(answer["answer"] in "a bad film" for answer in answers)


class TestConvert:
    @pytest.mark.parametrize("to", ["safetensors", "bin", "h5"])
    def test_there_and_back(self, capsys, folder, expected, tmp_path, to):
        status, out, err = run(capsys, "convert", folder, tmp_path / "new", "--to", to)
        assert status == 0, err
        files = {"safetensors": "model.safetensors", "bin": "pytorch_model.bin", "h5": "tf_model.h5"}
        assert out.strip() == str(tmp_path / "new" / files[to])
        assert {path.name for path in (tmp_path / "new").iterdir()} == {"config.json", "vocab.txt", files[to]}
        nlp = formers.pipeline("sentiment-analysis", model=str(tmp_path / "new"))
        same(nlp(TEXTS), expected)
        status, _, err = run(capsys, "convert", tmp_path / "new", tmp_path / "back", "--to", "safetensors")
        assert status == 0, err
        same(formers.pipeline("sentiment-analysis", model=str(tmp_path / "back"))(TEXTS), expected)

    def test_a_file_by_itself(self, capsys, folder, tmp_path):
        status, _, err = run(capsys, "convert", folder / "model.safetensors", tmp_path / "new", "--to", "bin")
        assert status == 0, err
        assert [path.name for path in (tmp_path / "new").iterdir()] == ["pytorch_model.bin"]

    def test_errors(self, capsys, folder, tmp_path):
        status, _, err = run(capsys, "convert", folder, folder, "--to", "safetensors")
        assert status == 1 and "model.safetensors is there already" in err
        (tmp_path / "empty").mkdir()
        status, _, err = run(capsys, "convert", tmp_path / "empty", tmp_path / "new", "--to", "bin")
        assert status == 1 and "has no weights" in err and not (tmp_path / "new").exists()
        (tmp_path / "model.safetensors").write_bytes(b"\x10\0\0\0\0\0\0\0{broken")
        status, _, err = run(capsys, "convert", tmp_path / "model.safetensors", tmp_path / "new", "--to", "bin")
        assert status == 1 and "model.safetensors" in err and not (tmp_path / "new").exists()
        assert run(capsys, "convert", folder, tmp_path, "--to", "onnx")[0] == 2

    def test_h5_needs_to_know_the_class(self, capsys, folder, tmp_path):
        assert run(capsys, "convert", folder, tmp_path / "new", "--to", "bin")[0] == 0
        content = json.loads((tmp_path / "new/config.json").read_text())
        (tmp_path / "new/config.json").write_text(json.dumps({**content, "architectures": ["os.system"]}))
        status, _, err = run(capsys, "convert", tmp_path / "new", tmp_path / "h5", "--to", "h5")
        assert status == 1 and "os.system" in err and "BertForSequenceClassification" in err


class TestConvertOriginal:
    """`convert --model_type bert --tf_checkpoint ...`: v3's spelling, for checkpoints as BERT was published."""

    @pytest.fixture
    def published(self, tmp_path):
        """A tiny BERT as its authors' code would have written it, and the model it was made from."""
        import numpy
        import torch

        tf = pytest.importorskip("tensorflow")
        torch.manual_seed(1)
        config = BertConfig(
            vocab_size=11, hidden_size=8, num_hidden_layers=1, num_attention_heads=2, intermediate_size=8
        )
        model = formers.BertForPreTraining(config).eval()
        variables = {"global_step": numpy.int64(7)}
        for name, tensor in model.state_dict().items():
            if name in ("cls.predictions.decoder.weight", "cls.predictions.decoder.bias") or "position_ids" in name:
                continue  # copies and constants
            scopes = name.replace(".layer.", ".layer_").replace(".", "/").removesuffix("_embeddings/weight")
            array = tensor.numpy()
            if name.endswith("_embeddings.weight"):
                scopes += "_embeddings"
            elif "LayerNorm" in name:
                scopes = scopes.removesuffix("/weight").removesuffix("/bias")
                scopes += "/gamma" if name.endswith("weight") else "/beta"
            elif name.startswith("cls.seq_relationship"):
                scopes = "cls/seq_relationship/output_" + ("weights" if name.endswith("weight") else "bias")
            elif name == "cls.predictions.bias":
                scopes = "cls/predictions/output_bias"
            elif name.endswith("weight"):
                scopes, array = scopes.removesuffix("weight") + "kernel", array.T
            variables[scopes] = array
        tf.raw_ops.SaveV2(
            prefix=str(tmp_path / "bert_model.ckpt"),
            tensor_names=list(variables),
            shape_and_slices=[""] * len(variables),
            tensors=list(variables.values()),
        )
        config.to_json_file(tmp_path / "bert_config.json")
        return tmp_path, model

    def test_round_trip(self, capsys, published):
        import torch

        folder, model = published
        words = ["--model_type", "bert", "--tf_checkpoint", folder / "bert_model.ckpt"]
        words += ["--config", folder / "bert_config.json", "--pytorch_dump_output", folder / "pytorch_model.bin"]
        status, out, err = run(capsys, "convert", *words)
        assert (status, out) == (0, f"{folder / 'pytorch_model.bin'}\n"), err
        found, wanted = torch.load(folder / "pytorch_model.bin", weights_only=True), model.state_dict()
        assert found.keys() == wanted.keys()
        assert all(torch.equal(found[name], wanted[name]) for name in wanted)
        status, _, err = run(capsys, "convert", *words)
        assert status == 1 and "is there already" in err

    def test_errors(self, capsys, tmp_path):
        status, _, err = run(capsys, "convert", "--model_type", "bert")
        assert status == 2 and "--tf_checkpoint" in err
        words = ["--tf_checkpoint", "a", "--config", "b", "--pytorch_dump_output", tmp_path / "c"]
        status, _, err = run(capsys, "convert", "--model_type", "rnn", *words)
        assert status == 1 and "unknown model type 'rnn'" in err
        assert not (tmp_path / "c").exists()


def test_download_finds_a_local_folder(capsys, folder):
    status, out, err = run(capsys, "download", folder)
    assert (status, out) == (0, f"{folder / 'model.safetensors'}\n"), err


def test_download_without_a_network(tmp_path):
    # A process of its own: huggingface_hub reads the switch once, when it is imported.
    command = [sys.executable, "-m", "formers", "download", "owner/model", "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "TRANSFORMERS_OFFLINE": "1"})
    assert done.returncode == 1 and "owner/model" in done.stderr and "Traceback" not in done.stderr


def test_env_prints_versions(capsys):
    status, out, _ = run(capsys, "env")
    assert status == 0
    facts = dict(line.split(": ", 1) for line in out.splitlines())
    assert facts["formers"] == formers.__version__
    assert facts["PyTorch"].startswith("2.") and facts["Python"].startswith(sys.version.split()[0])
    assert facts == environment()


@pytest.mark.parametrize("words", [["--help"], ["pipeline", "--help"], ["convert", "-h"], ["run", "-h"], ["--version"]])
def test_help(capsys, words):
    status, out, _ = run(capsys, *words)
    assert status == 0 and out


@pytest.mark.parametrize("words", [[], ["dance"]])
def test_no_such_command(capsys, words):
    status, _, err = run(capsys, *words)
    assert status == 2 and "usage: formers" in err


def test_as_a_process():
    done = subprocess.run([sys.executable, "-m", "formers", "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, f"formers {formers.__version__}\n")


def test_a_reader_that_goes_away_is_no_error():
    code = "import sys; from formers.cli import main; import formers.cli.env as e\n"
    code += "e.environment = lambda: {str(i): 'x' * 1000 for i in range(1000)}\nsys.exit(main(['env']))"
    done = subprocess.run(f"{sys.executable} -c \"$CODE\" | head -n 1", shell=True, capture_output=True, text=True, env={"CODE": code, "PATH": "/usr/bin:/bin"})  # fmt: skip  # noqa: E501
    assert done.stdout.startswith("0: x") and done.stderr == ""
