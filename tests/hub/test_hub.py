import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.hub.fake_hub import GOOD_TOKEN

from formers.hub import (
    HubError,
    HubNotFoundError,
    HubOfflineError,
    HubUnauthorizedError,
    HubUnreachableError,
    cache_folder,
    cached_file,
    find_file,
    split_hub_kwargs,
)

WEIGHTS = bytes(range(256)) * 40


def forbid_network(monkeypatch, hub):
    """From here on every request fails, and is seen."""
    hub.status = 500
    hub.requests.clear()


def test_local_folder(tmp_path, no_network):
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "vocab.txt").write_text("a")
    assert cached_file(tmp_path, "config.json") == str(tmp_path / "config.json")
    assert cached_file(tmp_path, "vocab.txt", subfolder="sub") == str(tmp_path / "sub" / "vocab.txt")
    assert cached_file(tmp_path, "vocab.txt", required=False) is None
    assert find_file(tmp_path, ["vocab.txt", "config.json"]) == str(tmp_path / "config.json")
    assert find_file(tmp_path, ["vocab.txt"]) is None
    with pytest.raises(FileNotFoundError, match=r"no file 'vocab.txt'; it holds config.json, sub"):
        cached_file(tmp_path, "vocab.txt")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("./missing", "no folder './missing'"),
        ("/no/such/folder", "no folder '/no/such/folder'"),
        ("a/b/c", "no folder 'a/b/c'"),
        ("C:\\models\\bert", "no folder"),
        ("", "no folder ''"),
        ("has space/name", "neither a folder here nor a possible name"),
        ("owner/--x", "neither a folder here nor a possible name"),
    ],
)
def test_names_that_cannot_be_on_the_hub(name, message, caches, no_network):
    with pytest.raises(HubNotFoundError, match=message):
        cached_file(name, "config.json")


def test_a_file_in_place_of_a_folder(tmp_path, no_network):
    (tmp_path / "model").write_text("")
    with pytest.raises(OSError, match="is a file: give the folder"):
        cached_file(tmp_path / "model", "config.json")


def test_first_call_downloads_and_the_second_touches_no_network(hub, caches, monkeypatch):
    path = cached_file("owner/tiny", "model.safetensors")
    assert Path(path).read_bytes() == WEIGHTS
    assert Path(path).is_relative_to(caches["default"])
    assert cached_file("owner/tiny", "no.bin", required=False) is None
    forbid_network(monkeypatch, hub)
    assert cached_file("owner/tiny", "model.safetensors") == path
    assert cached_file("owner/tiny", "no.bin", required=False) is None
    assert hub.requests == []


def test_name_without_owner(hub, monkeypatch):
    path = cached_file("tiny", "config.json")
    assert b"bert" in Path(path).read_bytes()
    forbid_network(monkeypatch, hub)
    assert cached_file("tiny", "config.json") == path


def test_find_file_takes_the_first_that_exists(hub):
    assert find_file("owner/tiny", ["pytorch_model.bin", "model.safetensors"]).endswith("model.safetensors")
    assert find_file("owner/tiny", ["a", "b"]) is None


def test_revision(hub):
    assert b"old" in Path(cached_file("owner/tiny", "config.json", revision="v1")).read_bytes()
    commit = hub.commit("owner/tiny", "v1")
    assert b"old" in Path(cached_file("owner/tiny", "config.json", revision=commit)).read_bytes()
    with pytest.raises(HubNotFoundError, match="no revision 'v9'"):
        cached_file("owner/tiny", "config.json", revision="v9")


def test_force_download_sees_a_new_version(hub):
    cached_file("owner/tiny", "config.json")
    hub.add("owner/tiny", config__json=b'{"new": 1}')
    assert b"new" not in Path(cached_file("owner/tiny", "config.json")).read_bytes()
    assert b"new" in Path(cached_file("owner/tiny", "config.json", force_download=True)).read_bytes()


def test_cache_dir_and_the_standard_cache(hub, caches, tmp_path, monkeypatch):
    from huggingface_hub import hf_hub_download

    standard = hf_hub_download("owner/tiny", "config.json", endpoint=hub.url, cache_dir=caches["standard"])
    forbid_network(monkeypatch, hub)
    assert cached_file("owner/tiny", "config.json") == standard
    assert hub.requests == []
    hub.status = None
    own = cached_file("owner/tiny", "config.json", cache_dir=tmp_path / "own")
    assert Path(own).is_relative_to(tmp_path / "own")
    assert cached_file("owner/tiny", "config.json", cache_dir=tmp_path / "x", local_files_only=True) == standard


def test_order_of_cache_variables(tmp_path, monkeypatch, caches):
    assert cache_folder() == str(caches["default"])
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    assert cache_folder() == str(tmp_path / "torch" / "transformers")
    for name in ("PYTORCH_PRETRAINED_BERT_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "TRANSFORMERS_CACHE"):
        monkeypatch.setenv(name, str(tmp_path / name))
        assert cache_folder() == str(tmp_path / name)
    assert cache_folder(tmp_path / "mine") == str(tmp_path / "mine")


@pytest.mark.parametrize("how", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "local_files_only"])
def test_offline_never_touches_the_network(how, hub, monkeypatch, no_network):
    keywords = {}
    if how == "local_files_only":
        keywords[how] = True
    else:
        monkeypatch.setenv(how, "1")
    with pytest.raises(HubOfflineError, match=f"not in the cache .*{how}"):
        cached_file("owner/tiny", "config.json", **keywords)
    with pytest.raises(HubOfflineError, match="to be downloaded again"):
        cached_file("owner/tiny", "config.json", force_download=True, **keywords)
    with pytest.raises(HubOfflineError, match="looked for any of: a, b"):
        find_file("owner/tiny", ["a", "b"], **keywords)
    with pytest.raises(HubOfflineError):  # nothing of the model is here: an optional file cannot be called absent
        cached_file("owner/tiny", "vocab.txt", required=False, **keywords)


def test_offline_uses_the_cache(hub, monkeypatch):
    path = cached_file("owner/tiny", "config.json")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    hub.requests.clear()
    assert cached_file("owner/tiny", "config.json") == path
    assert cached_file("owner/tiny", "added_tokens.json", required=False) is None
    assert hub.requests == []


def test_unreachable_is_said_at_once_and_remembered(caches, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # nobody listens there
    start = time.monotonic()
    for _ in range(3):
        with pytest.raises(HubUnreachableError, match="http://127.0.0.1:9 cannot be reached.*refused"):
            cached_file("owner/tiny", "config.json")
    assert time.monotonic() - start < 5
    assert not issubclass(HubUnreachableError, HubOfflineError)


def test_errors_are_different_and_clear(hub):
    hub.add("owner/gated", config__json=b"{}")
    hub.add("owner/private", config__json=b"{}")
    hub.gated.add("owner/gated")
    hub.private.add("owner/private")
    with pytest.raises(HubNotFoundError, match="neither a folder here nor a model on the hub"):
        cached_file("owner/nothing", "config.json")
    with pytest.raises(HubNotFoundError, match="has no file 'vocab.txt'"):
        cached_file("owner/tiny", "vocab.txt")
    with pytest.raises(HubUnauthorizedError, match="is gated: ask for access"):
        cached_file("owner/gated", "config.json")
    with pytest.raises(HubNotFoundError, match="if the model is private, log in"):
        cached_file("owner/private", "config.json")
    with pytest.raises(HubUnauthorizedError, match="HTTP 401.*token is valid"):
        cached_file("owner/tiny", "config.json", token="hf_wrong")
    for name in ("owner/gated", "owner/private"):
        assert cached_file(name, "config.json", use_auth_token=GOOD_TOKEN)
    assert hub.headers["authorization"] == f"Bearer {GOOD_TOKEN}"
    assert issubclass(HubUnauthorizedError, OSError) and issubclass(HubNotFoundError, OSError)


def test_a_failing_hub(hub):
    hub.status = 403
    with pytest.raises(HubUnauthorizedError, match="HTTP 403"):
        cached_file("owner/tiny", "config.json")
    hub.status = 418
    with pytest.raises(HubError, match="418"):
        cached_file("owner/tiny", "config.json")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_overloaded_hub_is_told_at_once(hub, status):
    hub.status = status
    start = time.monotonic()
    with pytest.raises(HubUnreachableError, match=f"HTTP {status}.*try again later"):
        cached_file("owner/tiny", "config.json")
    assert time.monotonic() - start < 3
    assert len(hub.requests) == 1


def test_a_hub_that_is_overloaded_in_the_middle_is_asked_again(hub, monkeypatch):
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # huggingface_hub waits between its tries
    cached_file("owner/tiny", "config.json")
    hub.status = 503
    hub.requests.clear()
    with pytest.raises(HubUnreachableError, match="HTTP 503"):
        cached_file("owner/tiny", "model.safetensors")
    assert len(hub.requests) > 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ((200, {}), "what answers is not a hub, perhaps the login page of this network"),
        ((200, {"ETag": '"page"'}), "what answers is not a hub, perhaps the login page of this network"),
        ((407, {}), "the proxy of this network asks for a login"),
    ],
)
def test_something_else_that_answers_in_place_of_the_hub(hub, caches, answer, message):
    hub.instead = (*answer, b"<html>Please log in</html>")
    with pytest.raises(HubUnreachableError, match=message):
        cached_file("owner/tiny", "config.json")
    assert not [path for path in caches["default"].rglob("*") if path.is_file() and path.stat().st_size]
    hub.instead = None
    assert cached_file("owner/tiny", "config.json")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bert-base-uncased", "google-bert/bert-base-uncased"),
        ("distilbert-base-uncased", "distilbert/distilbert-base-uncased"),
        ("gpt2", "openai-community/gpt2"),
        ("distilroberta-base", "distilbert/distilroberta-base"),
        ("xlm-roberta-base", "FacebookAI/xlm-roberta-base"),
    ],
)
def test_a_model_is_found_in_the_cache_by_either_name(hub, monkeypatch, old, new):
    for first, second in ((old, new), (new, old)):
        hub.repos.clear()
        hub.add(first, config__json=b"{}")
        path = cached_file(first, "config.json")
        assert cached_file(first, "no.bin", required=False) is None
        forbid_network(monkeypatch, hub)
        assert cached_file(second, "config.json") == path == cached_file(second, "config.json", local_files_only=True)
        assert cached_file(second, "no.bin", required=False) is None
        assert hub.requests == []
        hub.status = None
        shutil.rmtree(Path(path).parents[2])


def test_models_of_others_are_not_taken_for_each_other(hub, caches):
    hub.add("me/bert-base-uncased", config__json=b"{}")
    cached_file("me/bert-base-uncased", "config.json")
    with pytest.raises(HubOfflineError):
        cached_file("bert-base-uncased", "config.json", local_files_only=True)


def test_the_word_for_the_models_that_come_along_is_explained(caches, no_network):
    with pytest.raises(HubNotFoundError, match=r"formers.starter.starter_path\(task\) gives the folder"):
        cached_file("starter", "config.json")


def test_proxies(hub, monkeypatch):
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.invalid")
    path = cached_file("owner/tiny", "config.json", proxies={"http": hub.url.removeprefix("http://")})
    assert b"bert" in Path(path).read_bytes()
    assert "http_proxy" not in os.environ
    with pytest.raises(ValueError, match="'ftp' is none of"):
        cached_file("owner/tiny", "vocab.txt", proxies={"ftp": "x"})


def test_split_hub_kwargs():
    hub, rest = split_hub_kwargs({"cache_dir": "c", "use_auth_token": "t", "revision": None, "num_labels": 3})
    assert hub == {"cache_dir": "c", "token": "t", "revision": None}
    assert rest == {"num_labels": 3}


DOWNLOAD = "from formers.hub import cached_file; print(cached_file('owner/tiny', 'model.safetensors'))"


def run_in_a_terminal(code):
    """Run Python code with a terminal as its error output; give (output, what the terminal showed)."""
    import pty
    import termios

    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (25, 80))  # a terminal of width 0 shows no bar
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=slave, text=True, check=True)
    os.close(slave)
    shown = b""
    with contextlib.suppress(OSError), os.fdopen(master, "rb", 0) as terminal:  # Linux reports the end as an error
        while chunk := terminal.read(4096):
            shown += chunk
    return done.stdout, shown.decode()


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_progress_bar_of_the_first_download(hub, caches):
    path, shown = run_in_a_terminal(DOWNLOAD)
    assert "model.safetensors: 100%" in shown
    assert run_in_a_terminal(DOWNLOAD) == (path, "")


def test_killed_download_leaves_no_half_file(hub, caches):
    hub.pause = 0.3  # 11 chunks
    process = subprocess.Popen([sys.executable, "-c", DOWNLOAD], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    blobs = caches["default"] / "models--owner--tiny" / "blobs"
    deadline = time.monotonic() + 60
    while not list(blobs.glob("*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = list(blobs.glob("*"))
    assert [part.suffix for part in left] == [".incomplete"]  # it was killed in the middle
    with pytest.raises(HubOfflineError):
        cached_file("owner/tiny", "model.safetensors", local_files_only=True)
    os.utime(left[0], (0, 0))
    hub.pause = 0.0
    assert Path(cached_file("owner/tiny", "model.safetensors")).read_bytes() == WEIGHTS
    assert not left[0].exists()
