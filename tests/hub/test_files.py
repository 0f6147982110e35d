import os
import sys

import pytest

from formers.files import make_folder, replacing, write_text


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    target = tmp_path / "a.txt"
    write_text(target, "old")
    with pytest.raises(RuntimeError), replacing(target) as part:
        part.write_text("half")
        raise RuntimeError
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]
    write_text(target, "new")
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_usual_permissions(tmp_path):
    (tmp_path / "plain").write_text("")
    write_text(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(IsADirectoryError, match="a folder of that name"):
        write_text(tmp_path, "")
    with pytest.raises(FileNotFoundError):
        write_text(tmp_path / "no" / "folder", "")
    write_text(tmp_path / "file", "")
    with pytest.raises(NotADirectoryError, match="it is a file"):
        make_folder(tmp_path / "file")
    assert make_folder(tmp_path / "x" / "y").is_dir()
    assert os.listdir(tmp_path / "x" / "y") == []
