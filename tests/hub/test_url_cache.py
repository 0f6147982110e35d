import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from formers import cached_path, filename_to_url, hf_bucket_url, is_remote_url, url_to_filename
from formers.hub import HubOfflineError, HubUnreachableError
from formers.url_cache import get_from_cache, http_get


@pytest.fixture
def url(hub):
    hub.plain["vocab.txt"] = b"one\ntwo\n" * 1000
    return f"{hub.url}/files/vocab.txt"


def test_local_paths(tmp_path, no_network):
    (tmp_path / "a.txt").write_text("x")
    assert cached_path(tmp_path / "a.txt") == str(tmp_path / "a.txt")
    with pytest.raises(FileNotFoundError, match="no file"):
        cached_path(tmp_path / "b.txt")
    with pytest.raises(ValueError, match="neither a local path nor an http"):
        cached_path("ftp://example.org/a.txt")
    assert is_remote_url("https://example.org/a") and not is_remote_url("/tmp/a")


def test_names_in_the_cache():
    assert url_to_filename("http://a/b.h5").endswith(".h5")
    assert url_to_filename("http://a/b", '"e"') != url_to_filename("http://a/b", '"f"')
    assert hf_bucket_url("bert-base-uncased", "config.json").endswith("/bert-base-uncased/resolve/main/config.json")


def test_download_by_etag(url, hub, caches):
    path = Path(cached_path(url, user_agent={"task": "test"}))
    assert path.read_bytes() == hub.plain["vocab.txt"]
    assert path.parent == caches["default"]
    assert "task/test" in hub.headers["user-agent"]
    assert filename_to_url(path.name)[0] == url
    hub.requests.clear()
    assert cached_path(url) == str(path)
    assert [method for method, _ in hub.requests] == ["HEAD"]
    hub.plain["vocab.txt"] = b"three"
    assert Path(cached_path(url)).read_bytes() == b"three"
    assert cached_path(url, local_files_only=True) == cached_path(url)


def test_unreachable_and_offline(url, hub, caches, monkeypatch):
    with pytest.raises(HubOfflineError, match="local_files_only"):
        cached_path(url, local_files_only=True)
    path = cached_path(url)
    hub.status = 503
    assert cached_path(url) == path
    hub.close()
    assert cached_path(url) == path
    with pytest.raises(HubUnreachableError, match="cannot be reached"):
        cached_path(url, force_download=True)
    with pytest.raises(HubUnreachableError, match="cannot be reached"):
        cached_path(url + ".other")


def test_failures_leave_nothing(url, hub, caches):
    with pytest.raises(OSError, match="HTTP 404"):
        cached_path(f"{hub.url}/files/none.txt")
    hub.break_after = 3000
    with pytest.raises(OSError, match="cannot be reached|broke off"):
        cached_path(url)
    assert list(caches["default"].iterdir()) == []


def pack_tar(members):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            else:
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content or b""))
    return buffer.getvalue()


def pack_zip(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as zipped:
        for name, content in members.items():
            zipped.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("pack", [pack_tar, pack_zip])
def test_extraction(pack, tmp_path):
    (tmp_path / "a.data").write_bytes(pack({"x/one.txt": b"1"}))
    folder = Path(cached_path(tmp_path / "a.data", extract_compressed_file=True))
    assert folder == tmp_path / "a-data-extracted"
    assert (folder / "x" / "one.txt").read_bytes() == b"1"
    (tmp_path / "a.data").write_bytes(pack({"two.txt": b"2"}))
    assert cached_path(tmp_path / "a.data", extract_compressed_file=True) == str(folder)
    assert not (folder / "two.txt").exists()
    cached_path(tmp_path / "a.data", extract_compressed_file=True, force_extract=True)
    assert [file.name for file in folder.iterdir()] == ["two.txt"]


@pytest.mark.parametrize(
    "content",
    [
        pack_tar({"../outside.txt": b"bad"}),
        pack_tar({"/tmp/outside.txt": b"bad", "../../x": b"bad"}),
        pack_tar({"link": None}),
        pack_zip({"../outside.txt": b"bad"}),
        pack_zip({"a/../../outside.txt": b"bad"}),
        pack_tar({"one.txt": b"1" * 5000})[:60],
        pack_tar({"one.txt": bytes(range(256)) * 40})[:-30],
    ],
    ids=["parent", "absolute", "link", "zip parent", "zip inner parent", "cut off early", "cut off late"],
)
def test_archives_that_would_write_elsewhere(content, tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "a.data").write_bytes(content)
    with pytest.raises(OSError, match="cannot be unpacked safely"):
        cached_path(inner / "a.data", extract_compressed_file=True)
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["a.data"]
    assert [file.name for file in inner.iterdir()] == ["a.data"]


# What old code calls


def test_from_the_cache_or_the_network_or_not_at_all(url, hub, caches):
    with pytest.raises(ValueError, match="local_files_only"):
        get_from_cache(url, local_files_only=True)
    assert get_from_cache(f"{hub.url}/files/none.txt") is None
    path = get_from_cache(url, etag_timeout=5)
    assert path == cached_path(url) and Path(path).read_bytes() == hub.plain["vocab.txt"]
    hub.close()
    assert get_from_cache(url) == get_from_cache(url, local_files_only=True) == path
    assert get_from_cache(url + ".other") is None


def test_an_address_to_an_open_file(url, hub, tmp_path):
    whole = hub.plain["vocab.txt"]
    with open(tmp_path / "a", "wb") as file:
        http_get(url, file, user_agent="me/1")
    assert (tmp_path / "a").read_bytes() == whole and "me/1" in hub.headers["user-agent"]
    hub.ranges = True
    for have in (3000, len(whole)):  # the rest, and no rest
        with open(tmp_path / "b", "wb") as file:
            file.write(whole[:have])
            http_get(url, file, resume_size=have)
        assert (tmp_path / "b").read_bytes() == whole
        assert hub.headers["range"] == f"bytes={have}-"
    hub.ranges = False
    with open(tmp_path / "c", "wb") as file, pytest.raises(OSError, match="cannot be resumed"):
        http_get(url, file, resume_size=3000)
    with open(tmp_path / "c", "wb") as file, pytest.raises(OSError, match="HTTP 404"):
        http_get(url + ".none", file)
    hub.close()
    with open(tmp_path / "c", "wb") as file, pytest.raises(HubUnreachableError, match="cannot be reached"):
        http_get(url, file)
    assert (tmp_path / "c").read_bytes() == b""
