"""Which tensor of a file belongs to which weight of a model."""
import pytest

from formers.architecture.names import NameTable
from formers.checkpoint.matching import Report, match, weights_file

NAMES = NameTable("layer.up encoder.lin", ignored=[r"position_ids$"])
HEADED = {"base.layer.up.weight": "base.encoder.lin.weight", "head.weight": "head.weight"}
BASE = {"layer.up.weight": "encoder.lin.weight"}


@pytest.mark.parametrize(
    ("wanted", "has_base", "found", "sources", "missing", "unexpected"),
    [
        (HEADED, True, ["base.encoder.lin.weight", "head.weight"], [*HEADED.values()], [], []),
        (HEADED, True, ["encoder.lin.weight", "x"], ["encoder.lin.weight"], ["head.weight"], ["x"]),
        (BASE, False, ["base.encoder.lin.weight", "head.weight"], ["base.encoder.lin.weight"], [], []),
        (BASE, False, ["encoder.lin.weight", "position_ids"], ["encoder.lin.weight"], [], []),
        (BASE, False, ["layer.up.weight"], [], ["encoder.lin.weight"], ["layer.up.weight"]),
        (
            HEADED,
            True,
            ["base.encoder.lin.weight", "base.position_ids"],
            ["base.encoder.lin.weight"],
            ["head.weight"],
            [],
        ),
        (BASE, False, [], [], ["encoder.lin.weight"], []),
    ],
)
def test_prefixes_come_and_go(wanted, has_base, found, sources, missing, unexpected):
    report = Report()
    assert list(match(wanted, found, NAMES, "base", has_base, report).values()) == sources
    assert (report.missing, report.unexpected) == (missing, unexpected)


def test_a_family_without_prefix():
    report = Report()
    assert match(BASE, ["encoder.lin.weight", "other"], NAMES, "", False, report) == BASE
    assert report.unexpected == ["other"]


def test_reports(caplog):
    report = Report(["a"], ["b"], {"c": ((2, 3), (2, 4))}, {"a": (5,), "c": (2, 4)})
    with pytest.raises(RuntimeError, match=r"size mismatch for c: the checkpoint has \[2, 3\], the model \[2, 4\]"):
        report.check_shapes("Model", "file")
    with pytest.raises(AttributeError, match=r"Model needs weights that file lacks: a \[5\], c \[2, 4\]"):
        report.check_complete("Model", "file")
    report.log("Model", "file")
    for part in ("2 weights of the model are not in", "a [5]", "(c is there with the shape [2, 3])", "used: b"):
        assert part in caplog.text
    caplog.clear()
    Report().log("Model", "file")
    Report().check_shapes("Model", "file")
    Report().check_complete("Model", "file")
    assert not caplog.text


def test_the_first_file_that_is_there(tmp_path):
    (tmp_path / "b.bin").touch()
    assert weights_file(tmp_path, ("a.bin", "b.bin"), {}) == str(tmp_path / "b.bin")
    assert weights_file(tmp_path / "b.bin", (), {}) == str(tmp_path / "b.bin")
    with pytest.raises(OSError, match=r"has no weights: expected one of c.bin, d.bin. It holds b.bin."):
        weights_file(tmp_path, ("c.bin", "d.bin"), {})
    with pytest.raises(ValueError, match="needs state_dict and config"):
        weights_file(None, (), {})
