"""What old code takes from `transformers.hf_api`."""

import pytest

from formers.compat.hf_api import HfApi, HfFolder, ModelInfo, S3Obj, TqdmProgressFileReader


def test_the_token_of_this_machine(caches, tmp_path):
    assert HfFolder.get_token() is None
    HfFolder.delete_token()  # nothing to forget
    HfFolder.save_token("hf_made_up")
    assert HfFolder.get_token() == "hf_made_up"
    assert (tmp_path / "token").stat().st_mode & 0o077 == 0
    HfFolder.save_token("hf_x")
    assert HfFolder.get_token() == "hf_x"
    HfFolder.delete_token()
    assert HfFolder.get_token() is None


def test_whose_token_it_is(hub):
    hub.users["hf_good"] = {"name": "ann", "type": "user", "orgs": [{"name": "lab"}]}
    assert HfApi(endpoint=hub.url).whoami("hf_good") == ("ann", ["lab"])
    with pytest.raises(OSError, match="does not tell whose token it is"):
        HfApi(endpoint=hub.url).whoami("hf_bad")


def test_what_the_hub_has_no_longer_is_told():
    with pytest.raises(AttributeError, match="no 'login' of this kind any more: log in with a token: `hf auth login`"):
        HfApi().login("me", "secret")
    with pytest.raises(AttributeError, match="huggingface_hub.upload_file"):
        HfApi().presign_and_upload("token", "name", "path")
    assert not hasattr(HfApi(), "other")


def test_facts_of_models_and_files():
    file = {"key": "k", "etag": "e", "lastModified": "now", "size": 3, "rfilename": "config.json", "new": 1}
    info = ModelInfo("owner/tiny", "k", tags=["pytorch"], siblings=[file], private=False)
    assert (info.modelId, info.tags, info.siblings[0].rfilename, info.author) == (
        "owner/tiny", ["pytorch"], "config.json", None,
    )  # fmt: skip
    assert S3Obj("a", "now", "e", 3).Size == 3
    assert "modelId='owner/tiny'" in repr(info)


def test_a_file_that_shows_how_much_of_it_is_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100)
    with open(tmp_path / "a", "rb") as file:
        reader = TqdmProgressFileReader(file)
        assert len(file.read(30)) == 30 and len(file.read()) == 70
        assert (reader.pbar.n, reader.total_size) == (100, 100)
        reader.close()
