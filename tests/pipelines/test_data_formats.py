import io
import json
import pickle

import pytest

from formers import (
    CsvPipelineDataFormat,
    JsonPipelineDataFormat,
    PipedPipelineDataFormat,
    PipelineDataFormat,
)

ROWS = [{"q": "Who?", "text": "He, she\nand it."}, {"q": "Wo?", "text": "\u00dcberall"}]
RESULTS = [{"label": "A", "score": 0.5}, {"label": "B, C", "score": 1.0}]


@pytest.fixture(params=["csv", "json"])
def table(request, tmp_path):
    """A file of the rows, and its format."""
    path = tmp_path / f"in.{request.param}"
    if request.param == "json":
        path.write_text(json.dumps(ROWS))
    else:
        path.write_text('q,text\nWho?,"He, she\nand it."\nWo?,\u00dcberall\n', encoding="utf-8")
    return request.param, str(path)


def test_one_column_gives_its_values_and_several_give_dicts(table):
    format, path = table
    assert list(PipelineDataFormat.from_str(format, None, path, "text")) == [row["text"] for row in ROWS]
    assert list(PipelineDataFormat.from_str(format, None, path, "q,text")) == ROWS
    renamed = PipelineDataFormat.from_str(format, None, path, "question=q,context=text")
    assert list(renamed) == [{"question": row["q"], "context": row["text"]} for row in ROWS]


def test_a_column_that_is_not_there_is_named(table):
    format, path = table
    with pytest.raises(KeyError, match="row 1 of .*has columns \\['q', 'text'\\], expected 'body'"):
        list(PipelineDataFormat.from_str(format, None, path, "body"))


def test_results_are_saved_and_read_again(table, tmp_path):
    format, path = table
    output = tmp_path / "out"
    PipelineDataFormat.from_str(format, str(output), path, "text").save(RESULTS)
    again = list(PipelineDataFormat.from_str(format, None, str(output), "label,score"))
    assert [{**row, "score": float(row["score"])} for row in again] == RESULTS
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_one_result_is_a_table_of_one_row(tmp_path):
    output = tmp_path / "out.csv"
    CsvPipelineDataFormat(str(output), None, None).save(RESULTS[0])
    assert output.read_text().split() == ["label,score", "A,0.5"]
    with pytest.raises(TypeError, match="result 0 is of type list"):
        CsvPipelineDataFormat(str(output), None, None, overwrite=True).save([[1.0]])


def test_files_are_not_replaced_unless_asked(table, tmp_path):
    format, path = table
    output = tmp_path / "out"
    output.write_text("precious")
    with pytest.raises(OSError, match="already exists"):
        PipelineDataFormat.from_str(format, str(output), path, "text")
    PipelineDataFormat.from_str(format, str(output), path, "text", overwrite=True).save(RESULTS)
    assert "precious" not in output.read_text()


def test_inputs_must_exist_and_formats_be_known(tmp_path):
    with pytest.raises(OSError, match="does not exist"):
        CsvPipelineDataFormat(None, str(tmp_path / "none.csv"), "a")
    with pytest.raises(KeyError, match="Unknown format 'xml', expected one of \\['json', 'csv', 'pipe'\\]"):
        PipelineDataFormat.from_str("xml", None, None, "a")
    with pytest.raises(KeyError, match="no output path"):
        CsvPipelineDataFormat(None, None, "a").save(RESULTS)
    with pytest.raises(KeyError, match="no input path"):
        list(CsvPipelineDataFormat(None, None, "a"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not valid JSON"),
        ('{"a": 1}', "holds a JSON dict"),
        ('["a"]', "entry 1 .*is of type str, expected an object"),
    ],
)
def test_a_json_file_of_another_shape_is_named(tmp_path, text, message):
    path = tmp_path / "in.json"
    path.write_text(text)
    with pytest.raises((ValueError, TypeError), match=message):
        list(JsonPipelineDataFormat(None, str(path), "a"))


def test_lines_of_standard_input(monkeypatch, capsys):
    def lines(text, column):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        return list(PipedPipelineDataFormat(None, None, column))

    assert lines("one\ntwo words\n", None) == ["one", "two words"]
    assert lines("a\tb\n", None) == [("a", "b")]
    assert lines("a\tb\n", "question,context") == [{"question": "a", "context": "b"}]
    with pytest.raises(ValueError, match="a line has 1 fields, expected 2"):
        lines("a\n", "question,context")
    PipedPipelineDataFormat(None, None, None).save(RESULTS)
    assert capsys.readouterr().out == f"{RESULTS}\n"


def test_large_results_go_into_a_binary_file_beside_the_output(tmp_path):
    path = JsonPipelineDataFormat(str(tmp_path / "out.json"), None, "a").save_binary([[1.0, 2.0]])
    assert path == str(tmp_path / "out.pickle")
    with open(path, "rb") as file:
        assert pickle.load(file) == [[1.0, 2.0]]
    with pytest.raises(KeyError, match="too large to be printed"):
        PipedPipelineDataFormat(None, None, None).save_binary([1.0])
